#!/bin/sh
# A check as a Munin plugin: every figure of its performance data is a line of the graph.
#
#   ln -s /usr/share/bothsides/nrpe/recipes/munin_bothsides.sh /etc/munin/plugins/udp_office
#   /etc/munin/plugin-conf.d/bothsides:
#       [udp_office]
#       env.command /usr/lib/nagios/plugins/check_udp_loss -H office.example -n 20
#       env.figures rta rtp95 jitter
#       env.vlabel seconds
set -eu
name=$(basename "$0")
: "${command:?set env.command in plugin-conf.d}"
if [ "${1:-}" = config ]; then
    echo "graph_title ${title:-$name}"
    echo "graph_category network"
    echo "graph_vlabel ${vlabel:-value}"
    for figure in ${figures:?set env.figures in plugin-conf.d}; do
        echo "$figure.label $figure"
    done
    exit 0
fi
perfdata=$($command --exit-ok | sed -n '1s/.* | //p')
for figure in ${figures:?set env.figures in plugin-conf.d}; do
    value=U
    for item in $perfdata; do
        case $item in
            "$figure="*)
                value=${item#*=}
                value=${value%%;*}
                value=${value%[s%Bc]}
                ;;
        esac
    done
    echo "$figure.value $value"
done
