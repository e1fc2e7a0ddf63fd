"""The command lines of the Monitoring Plugins' own tests of check_http and check_curl (7db2b280).

Each stands for itself, over plain HTTP and over TLS; the pages are those of upstream_site. Of the
lists that need the Internet (plugins/t) the options that the others do not use stand here, too.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One command line, and the states."""

    options: str
    state: int  # ours, and upstream's unless `better` says otherwise
    better: str = ""  # the row of the manual that says why ours is another than 2.3.3's
    environment: str = ""  # variables of proxies


NEWER = "`-x`, `--noproxy`, `http_proxy`"
RELATIVE = "a redirect to a mere path, or with `;`"
COUNTING = "-f follow -vvv -u /counting/path1/path2"
ROWS = (
    # the page, strings and headers
    Row("-u /page", 0),
    Row("-u /page -s Root", 0),
    Row("-u /page -s NonRoot", 2),
    Row("-u /page -s NonRootWithOver30charsAndMoreThanThat", 2),
    Row("-u /header -d foo", 0),
    Row("-u /header -d bar", 2),
    Row("-u /broken-header", 0),
    Row("-u /slow", 0),
    Row("-u /page -r Root", 0),
    Row("-u /page -r rOOt", 2),
    Row("-u /page -R rOOt", 0),
    Row("-u /page -r Root --invert-regex", 2),
    Row("-u /page -r rOOt --invert-regex", 0),
    Row("-u /page -E", 0),
    Row("-u /page --extended-perfdata", 0),
    # statuses
    Row("-u /status/200", 0),
    Row("-u /status/200 -e 200", 0),
    Row("-u /status/201", 0),
    Row("-u /status/201 -e 201", 0),
    Row("-u /status/201 -e 200", 2),
    Row("-u /status/200 -e 200,201,202", 0),
    Row("-u /status/201 -e 200,201,202", 0),
    Row("-u /status/203 -e 200,201,202", 2),
    # methods and bodies
    Row("-j HEAD -u /method", 0),
    Row("-j POST -u /method", 0),
    Row("-j GET -u /method", 0),
    Row("-u /method", 0),
    Row("-P foo -u /method", 0),
    Row("-j DELETE -u /method", 1),
    Row("-j foo -u /method", 2),
    Row("-P stufftoinclude -u /posted -s POST:stufftoinclude", 0),
    Row("-j PUT -P stufftoinclude -u /posted -s PUT:stufftoinclude", 0),
    Row("-P stufftoinclude -j PUT -u /posted -s PUT:stufftoinclude", 0),
    # redirects
    Row("-u /to", 0),
    Row("-f follow -u /to", 0),
    Row("-u /to -k 'follow: me'", 0),
    Row("-f follow -u /to -k 'follow: me'", 0),
    Row("-f sticky -u /to -k 'follow: me'", 0),
    Row("-f stickyport -u /to -k 'follow: me'", 0),
    Row("-f follow -u /to-relative -s redirected", 0, RELATIVE),
    Row("-f stickyport -u /to-elsewhere -t 5 -s redirected", 0),
    Row("-f sticky -u /to-elsewhere -t 5 -s redirected", 2),
    Row(COUNTING, 1),
    Row(f"{COUNTING};count=0;p1=1;p2=ab?qp1=10&qp2=kl#f1=test", 0, RELATIVE),
    Row(f"{COUNTING};found;count=0;p1=1;p2=ab?qp1=10&qp2=kl#f1=test", 0, RELATIVE),
    Row(f"{COUNTING};count=0;fails=2", 1),
    Row(f"{COUNTING};count=0?qp0=0&qp1=1&qp2=2&qp3=3&qp4=4&qp5=5", 0, RELATIVE),
    Row(f"{COUNTING};count=0;fragment=ebiil?qp1=0", 0, RELATIVE),
    # silence and chunks
    Row("-u /silence -t 2", 2),
    Row("-f follow -u /to-silence -t 2", 2),
    Row("-u /chunked -s chunkedencodingtest -d 'Transfer-Encoding: chunked'", 0),
    # names beside the address
    Row("-H www.example.test -I 127.0.0.1 -u /virtual -r ^www.example.test:{port}$", 0),
    Row("-H www.example.test:42 -I 127.0.0.1 -u /virtual -r ^www.example.test:42$", 0),
    Row("-H www.example.test:{default} -I 127.0.0.1 -u /virtual -r ^www.example.test$", 0),
    Row("-u /virtual -r ^127.0.0.1:{port}$", 0),
    Row("-H 127.0.0.1:{default} -u /virtual -r ^127.0.0.1$", 0),
    Row("-u /virtual -k 'Host: testhost:8001' -r ^testhost:8001$", 0),
    # proxies that are named and not to be used
    Row("-u /status/200 -v", 0, environment="no_proxy=internal.example"),
    Row("-u /status/200 -v", 0, environment="no_proxy=taken.example NO_PROXY=other.example"),
    Row("-u /status/200 --noproxy taken.example -v", 0, NEWER,
        "no_proxy=other.example NO_PROXY=other.example"),
    Row("-u /status/200 --noproxy one.example,two.example,three.example -v", 0, NEWER),
    Row("-u /status/200 --noproxy 10.11.12.13,256.256.256.256,0.0.0.0,192.156.0.0/22 -v", 0, NEWER),
    Row("-u /status/200 --noproxy 0123:4567::CDEF,0123:4567/96,[::1],::1,[1234::ABCD/4] -v", 0,
        NEWER),
    Row("-u /status/200 --noproxy 300.400.500.600,1.2.3,XYZD::,1::2::3,1.1.1.1/64 -v", 0, NEWER),
    Row("-u /status/200 --proxy http://proxy.example:8080 --noproxy * -v", 0, NEWER),
    Row("-u /status/200 --proxy http://proxy.example:8080 --noproxy 127.0.0.1 -v", 0, NEWER),
)  # fmt: skip
TLS_ROWS = (
    Row("-C 14", 0),
    Row("-C 1", 0),
    Row("-C 14000", 1),
    Row("-C 13960,14000", 2),
)
