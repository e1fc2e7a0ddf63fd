"""Where results go besides standard output: passive results, databases and S3.

Three steps, each with its own modules:

    values     point, path_rows, passive        what is sent, without any format
    formats    influx graphite statsd           values to octets; pure
               prometheus json_lines carbolymer
               nagios_spool nagios_command
               icinga_api nrdp nsca sigv4
    transport  http socket_sender spool s3      octets to their destination, and back on failure

A failed delivery never changes a state: it raises Undelivered, whose text is one line.
"""
