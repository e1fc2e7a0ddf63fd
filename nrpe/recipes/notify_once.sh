#!/bin/sh
# One incident for each service, however often Nagios or Icinga notifies: the key is host and service,
# and a recovery closes it. Speaks the Events API v2 of PagerDuty, which others understand as well.
#
#   define command {
#       command_name  notify_once
#       command_line  /usr/share/bothsides/nrpe/recipes/notify_once.sh "$NOTIFICATIONTYPE$" "$HOSTNAME$" "$SERVICEDESC$" "$SERVICESTATE$" "$SERVICEOUTPUT$"
#   }
#
# /etc/bothsides/events.conf, readable for the monitoring user alone:
#   url=https://events.pagerduty.com/v2/enqueue
#   routing_key=...
set -eu
type=$1 host=$2 service=$3 state=$4 output=$5
. "${EVENTS_CONF:-/etc/bothsides/events.conf}"
case $type in
    PROBLEM) action=trigger ;;
    ACKNOWLEDGEMENT) action=acknowledge ;;
    RECOVERY) action=resolve ;;
    *) exit 0 ;; # flapping and downtimes are no incidents
esac
case $state in
    CRITICAL | DOWN | UNREACHABLE) severity=critical ;;
    WARNING) severity=warning ;;
    *) severity=info ;;
esac
quoted() { printf '%s' "$1" | tr '\n\t\r' '   ' | sed 's/[\\"]/\\&/g'; }
printf '{"routing_key":"%s","event_action":"%s","dedup_key":"%s/%s","payload":{"summary":"%s","source":"%s","component":"%s","severity":"%s"}}' \
    "$(quoted "$routing_key")" "$action" "$(quoted "$host")" "$(quoted "$service")" \
    "$(quoted "$host $service: $output")" "$(quoted "$host")" "$(quoted "$service")" "$severity" |
    curl --fail --silent --show-error --max-time 20 --header 'Content-Type: application/json' --data-binary @- "$url" >/dev/null
