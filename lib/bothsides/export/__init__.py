"""Where results go besides standard output: passive results, databases and S3.

    values      point schema path_rows     rows of figures, and events
                passive                    results for services that do not check by themselves
                request outcome            a request, its reply, and what became of a delivery
    formats     influx graphite statsd     values to octets; pure
                prometheus json_lines
                carbolymer merged_hops
                nagios_command icinga_api
                nagios_spool nrdp nsca
                sigv4 archive_names percent
    transport   http socket_sender files   octets to their destination
                s3 spool through_spool     and back into the spool when they fail
    together    destination login          a destination as one writes it, and its secrets
                deliver submit archive     rows, passive results or reports to one destination

A failed delivery never changes a state: below `deliver` and `submit` it is an Undelivered, above
them a line for the long output.
"""
