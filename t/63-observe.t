# telephony_errors_observe: all is judged, nothing is changed.

use lib 't/lib';
use TelephonyTest;

our $said = <<'END';
    add_header X-Said "$telephony_verdict/$telephony_code/$telephony_status/$telephony_provider_status" always;
END

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('catalogs', 'codes voipms') unless defined $block->catalogs;

    if (!defined $block->config) {
        my $observe = $block->observe // 'on';

        $block->set_value('provider', 'voipms');
        $block->set_value('location', ($block->location // '') . $said
                                      . "telephony_errors_observe $observe;");
    }

    $block->set_value('request', 'GET /api/') unless defined $block->request;
});

# some answers break off on purpose

my $warn = $SIG{__WARN__};

$SIG{__WARN__} = sub {
    $warn->(@_) unless $_[0] =~ /response body truncated/;
};

run_tests();

__DATA__

=== TEST 1: an error in HTTP 200 keeps its body and its status
--- upstream_body: {"status":"invalid_id"}
--- response_headers
Content-Type: application/json
Content-Length: 23
X-Said: error/INVALID_PARAMETER/400/200
Telephony-Code: INVALID_PARAMETER
Telephony-Category: INVALID_ARGUMENT
Telephony-Retryable: false
Telephony-Provider: voipms
Telephony-Provider-Code: invalid_id
--- same



=== TEST 2: an error status keeps its body and its reason phrase
--- upstream_status: 405 Nothing Of The Kind
--- upstream_body: {"status":"invalid_id"}
--- error_code: 405
--- raw_response_headers_like: \AHTTP/1\.1 405 Nothing Of The Kind\r\n
--- response_headers
X-Said: error/INVALID_PARAMETER/400/405
--- same



=== TEST 3: the vendor's headers stay, those of caches and of the body, too
--- upstream_headers
Content-Type: text/html; charset=utf-8
Content-Language: en
Cache-Control: max-age=60
Expires: Thu, 01 Jan 2037 00:00:00 GMT
ETag: "abc"
Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT
Accept-Ranges: bytes
X-Own: 1
--- upstream_body: {"status":"invalid_id"}
--- response_headers
Content-Type: text/html; charset=utf-8
Content-Language: en
Cache-Control: max-age=60
Expires: Thu, 01 Jan 2037 00:00:00 GMT
ETag: "abc"
Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT
Accept-Ranges: bytes
X-Own: 1
Telephony-Code: INVALID_PARAMETER
--- same



=== TEST 4: forged headers of the vendor are dropped all the same
--- upstream_headers
Telephony-Code: OK
--- upstream_body: {"status":"invalid_id"}
--- raw_response_headers_unlike: Telephony-Code: OK
--- response_headers
Telephony-Code: INVALID_PARAMETER



=== TEST 5: a good answer, a notice and one without a verdict are as ever
--- upstream_routes eval
{ "/api/good" => { body => '{"status":"success"}' },
  "/api/list" => { body => '{"status":"no_sms"}' },
  "/api/page" => { body => '<html>' } }
--- request eval
["GET /api/good", "GET /api/list", "GET /api/page"]
--- response_headers eval
["X-Said: success/OK/200/200\n!Telephony-Code",
 "X-Said: notice/NO_RESULTS/200/200\nTelephony-Code: NO_RESULTS",
 "X-Said: none///200\n!Telephony-Code"]
--- response_body eval
['{"status":"success"}', '{"status":"no_sms"}', '<html>']



=== TEST 6: off replaces
--- observe: off
--- upstream_body: {"status":"invalid_id"}
--- error_code: 400
--- envelope
code: INVALID_PARAMETER



=== TEST 7: a variable that is off, 0 or empty replaces
--- observe: $arg_o
--- upstream_body: {"status":"invalid_id"}
--- request eval
["GET /api/?o=off", "GET /api/?o=0", "GET /api/?o=", "GET /api/"]
--- error_code eval
[400, 400, 400, 400]



=== TEST 8: a variable of any other value observes
--- observe: $arg_o
--- upstream_body: {"status":"invalid_id"}
--- request eval
["GET /api/?o=on", "GET /api/?o=1", "GET /api/?o=yes", "GET /api/?o=OFF",
 "GET /api/?o=00"]
--- error_code eval
[200, 200, 200, 200, 200]
--- response_body eval
[('{"status":"invalid_id"}') x 5]



=== TEST 9: split_clients decides by percentage
--- http_config
split_clients $arg_client $observed {
    30%  on;
    *    off;
}
--- observe: $observed
--- upstream_body: {"status":"invalid_id"}
--- request eval
[map { "GET /api/?client=$_" } 1 .. 8]
--- error_code eval
[200, 200, 400, 200, 400, 400, 400, 200]



=== TEST 10: a regex in the variable does not change $1 of the operator
--- http_config
map $arg_o $observed {
    ~^(o)(n)$  on;
    default    off;
}
--- config
location ~ ^/api/(\w+)$ {
    telephony_errors voipms;
    telephony_errors_observe $observed;
    add_header X-Captured $1 always;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
--- upstream_body: {"status":"invalid_id"}
--- request
GET /api/left?o=on
--- response_headers
X-Captured: left
Telephony-Code: INVALID_PARAMETER



=== TEST 11: it is inherited, and taken back below
--- http_config
telephony_errors_observe on;
--- config
telephony_errors voipms;

location /api/here {
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}

location /api/there {
    telephony_errors_observe off;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
--- upstream_body: {"status":"invalid_id"}
--- request eval
["GET /api/here", "GET /api/there"]
--- error_code eval
[200, 400]



=== TEST 12: the rest of a body behind an error is not swallowed
--- upstream_body eval
'{"status":"invalid_id","data":"' . 'x' x 300000 . '"}'
--- response_headers
X-Said: error/INVALID_PARAMETER/400/200
Content-Length: 300033
--- same



=== TEST 13: an error status with a long body passes whole
--- upstream_status: 500
--- upstream_body eval
'{"data":"' . 'x' x 300000 . '","status":"invalid_id"}'
--- error_code: 500
--- response_headers
X-Said: error/INTERNAL/500/500
--- same



=== TEST 14: what is undecided at the end of the window passes whole
--- location
telephony_errors_window 1k;
--- upstream_body eval
'{"data":"' . 'x' x 5000 . '","status":"invalid_id"}'
--- response_headers
X-Said: none///200
! Telephony-Code
--- same



=== TEST 15: unbuffered and in small pieces
--- both
proxy_buffering off;
--- upstream_framing: chunked
--- upstream_split: 7
--- upstream_body eval
'{"data":"' . 'x' x 500 . '","status":"invalid_id"}'
--- response_headers
X-Said: error/INVALID_PARAMETER/400/200
--- same



=== TEST 16: a compressed body passes as it was compressed
--- both
proxy_set_header Accept-Encoding gzip;
--- upstream_gzip: 1
--- upstream_body: {"status":"invalid_id"}
--- response_headers
Content-Encoding: gzip
X-Said: error/INVALID_PARAMETER/400/200
--- same



=== TEST 17: trailers pass
--- both
proxy_http_version 1.1;
--- upstream_framing: chunked
--- upstream_trailers
X-Checksum: 1
--- upstream_body: {"status":"invalid_id"}
--- response_headers
Telephony-Code: INVALID_PARAMETER
--- same



=== TEST 18: HEAD keeps status, length and type of the vendor
--- request
HEAD /api/
--- upstream_status: 404
--- upstream_headers
Content-Type: text/html
--- upstream_body: <html>not here</html>
--- error_code: 404
--- response_headers
Content-Type: text/html
Content-Length: 21
X-Said: error/NOT_FOUND/404/404
Telephony-Code: NOT_FOUND



=== TEST 19: an empty error keeps its empty body
--- upstream_status: 503
--- upstream_body:
--- error_code: 503
--- response_headers
Content-Length: 0
X-Said: error/PROVIDER_UNAVAILABLE/503/503
--- same



=== TEST 20: nginx's own page of an unreachable vendor stays, with its 502
--- config eval
"location /api/ {
    telephony_errors voipms;
    telephony_errors_observe on;
    $::said
    proxy_pass http://127.0.0.1:\$TEST_NGINX_DEAD_PORT;
}"
--- error_code: 502
--- response_headers
Content-Type: text/html
X-Said: error/PROVIDER_UNAVAILABLE/503/
Telephony-Code: PROVIDER_UNAVAILABLE
--- response_body_like: <h1>502 Bad Gateway</h1>
--- error_log: connect() failed



=== TEST 21: nginx's own page of a silent vendor stays, with its 504
--- location
proxy_read_timeout 200ms;
--- upstream_delay: 2
--- error_code: 504
--- response_headers
Telephony-Code: PROVIDER_TIMEOUT
--- response_body_like: <h1>504 Gateway Time-out</h1>
--- error_log: upstream timed out



=== TEST 22: an answer that breaks off reaches the client as far as it came
--- upstream_body: {"data":"0123456789","status":"invalid_id"}
--- upstream_cut: 15
--- response_headers
Content-Length: 43
X-Said: error/PROVIDER_UNAVAILABLE/503/
--- response_body chomp
{"data":"012345
--- error_log: upstream prematurely closed connection



=== TEST 23: the same, unbuffered, with an error status
--- both
proxy_buffering off;
--- upstream_status: 500
--- upstream_body: {"data":"0123456789","status":"invalid_id"}
--- upstream_cut: 15
--- error_code: 500
--- response_headers
Content-Length: 43
X-Said: error/INTERNAL/500/500
--- response_body chomp
{"data":"012345
--- error_log: upstream prematurely closed connection



=== TEST 24: an answer that breaks off behind its code is judged by the code
--- upstream_body: {"status":"invalid_id","data":"0123456789"}
--- upstream_cut: 35
--- response_headers
X-Said: error/INVALID_PARAMETER/400/200
--- response_body chomp
{"status":"invalid_id","data":"0123
--- error_log: upstream prematurely closed connection



=== TEST 25: errors of nginx itself stay, all of them
--- config eval
"location /api/ {
    telephony_errors voipms;
    telephony_errors_observe on;
    telephony_errors_generated all;
    $::said
    deny all;
    proxy_pass http://127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT;
}"
--- error_code: 403
--- response_headers
Content-Type: text/html
X-Said: error/PERMISSION_DENIED/403/
Telephony-Code: PERMISSION_DENIED
--- response_body_like: <h1>403 Forbidden</h1>
--- error_log: access forbidden by rule



=== TEST 26: observed errors are counted
--- http_config
telephony_errors_zone counters 256k;
--- config
location /api/ {
    telephony_errors voipms;
    telephony_errors_observe on;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}

location = /metrics {
    telephony_errors_metrics;
}
--- upstream_body: {"status":"invalid_id"}
--- pipelined_requests eval
["GET /api/", "GET /metrics"]
--- error_code eval
[200, 200]
--- response_body_like eval
[qr/invalid_id/,
 qr/^telephony_responses_total\{provider="voipms",verdict="error",code="INVALID_PARAMETER"\} [1-9]/m]



=== TEST 27: the connection to the client is kept
--- upstream_body: {"status":"invalid_id"}
--- pipelined_requests eval
["GET /api/", "GET /api/", "GET /api/"]
--- response_body eval
[('{"status":"invalid_id"}') x 3]



=== TEST 28: a value that is neither on nor off is refused
--- observe: maybe
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid value "maybe" in "telephony_errors_observe" directive, it must be "on", "off" or hold a variable in \S+nginx\.conf:\d+$/



=== TEST 29: an empty value is refused
--- observe: ""
--- must_die
--- error_log
"telephony_errors_observe" directive needs a value



=== TEST 30: an unknown variable is refused
--- observe: $observd
--- must_die
--- error_log
unknown "observd" variable



=== TEST 31: two of them in one location are refused
--- location
telephony_errors_observe off;
--- must_die
--- error_log
"telephony_errors_observe" directive is duplicate
