# telephony_errors_generated: errors that nginx itself makes, in the envelope.

use lib 't/lib';
use TelephonyTest;

our $catalog = <<'END';
    telephony_catalog vendor {
        code       status;
        success    ok;
        error      bad  INVALID_PARAMETER;
        challenge  'Key realm="vendor"';
        allow      POST;
    }

    limit_req_zone $connection zone=slow:1m rate=1r/m;
END

# "generated" is the value of the directive, "dead: 1" adds a location /dead/
# whose vendor refuses connections

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('catalogs', 'codes');
    $block->set_value('http_config', $catalog . ($block->http_config // ''));

    my $generated = $block->generated;

    $block->set_value('provider', 'vendor');
    $block->set_value('location', ($block->location // '')
        . (defined $generated ? "telephony_errors_generated $generated;" : '')
        . <<'END');
            add_header X-Said "$telephony_verdict/$telephony_reason/$telephony_code/$telephony_status/$telephony_match/$telephony_rule/$telephony_provider_status" always;
END

    if ($block->dead) {
        my $config = $block->location . <<'END';
            telephony_errors vendor;
            proxy_pass http://127.0.0.1:$TEST_NGINX_DEAD_PORT;
END
        $block->set_value('config', ($block->config // '')
                                    . "location /dead/ { $config }");
    }

    $block->set_value('request', 'GET /api/')
        unless defined $block->request || defined $block->raw_request;
});

# some answers break off on purpose

my $warn = $SIG{__WARN__};

$SIG{__WARN__} = sub {
    $warn->(@_) unless $_[0] =~ /response body truncated/;
};

run_tests();

__DATA__

=== TEST 1: a vendor that refuses the connection is PROVIDER_UNAVAILABLE
--- dead: 1
--- request
GET /dead/
--- error_code: 503
--- raw_response_headers_like: \AHTTP/1\.1 503 Service Unavailable\r\n
--- response_headers
Content-Type: application/problem+json
Content-Language: en
Cache-Control: no-store
X-Said: error/generated/PROVIDER_UNAVAILABLE/503/none//
Telephony-Code: PROVIDER_UNAVAILABLE
Telephony-Category: UNAVAILABLE
Telephony-Retryable: true
Telephony-Provider: vendor
! Telephony-Provider-Code
--- envelope
status: 503
code: PROVIDER_UNAVAILABLE
category: UNAVAILABLE
retryable: true
provider.name: vendor
provider.match: none
provider.status:
provider.code:
provider.message:
--- error_log: connect() failed



=== TEST 2: a repeated POST could act twice, so it is not retryable
--- dead: 1
--- request
POST /dead/
a=b
--- error_code: 503
--- envelope
code: PROVIDER_UNAVAILABLE
retryable: false
--- error_log: connect() failed



=== TEST 3: a vendor that does not answer in time is PROVIDER_TIMEOUT
--- location
proxy_read_timeout 200ms;
--- upstream_delay: 2
--- error_code: 504
--- response_headers
X-Said: error/generated/PROVIDER_TIMEOUT/504/none//
--- envelope
status: 504
code: PROVIDER_TIMEOUT
category: TIMEOUT
provider.status:
--- error_log: upstream timed out



=== TEST 4: a vendor that closes the connection without a word
--- upstream_raw:
--- error_code: 503
--- response_headers
X-Said: error/generated/PROVIDER_UNAVAILABLE/503/none//
--- envelope
code: PROVIDER_UNAVAILABLE
--- error_log: upstream prematurely closed connection



=== TEST 5: a vendor that dies in the middle of its header
--- upstream_raw eval
"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-"
--- error_code: 503
--- response_headers
Content-Type: application/problem+json
X-Said: error/generated/PROVIDER_UNAVAILABLE/503/none//
--- envelope
code: PROVIDER_UNAVAILABLE
provider.status:
--- error_log: upstream prematurely closed connection



=== TEST 6: a header that nginx cannot read
--- location
proxy_buffer_size 1k;
proxy_buffers 4 1k;
proxy_busy_buffers_size 2k;
--- upstream_headers eval
"X-Long: " . "x" x 2000
--- upstream_body: {"status":"ok"}
--- error_code: 503
--- envelope
code: PROVIDER_UNAVAILABLE
--- error_log: upstream sent too big header



=== TEST 7: a group without a live server, and a name that has no address
--- http_config
upstream nobody {
    server 127.0.0.1:$TEST_NGINX_DEAD_PORT down;
}
--- config
location /nobody {
    telephony_errors vendor;
    proxy_pass http://nobody;
}

location /name {
    telephony_errors vendor;
    set $name vendor.invalid;
    proxy_pass http://$name;
}
--- request eval
["GET /nobody", "GET /name"]
--- error_code eval
[503, 503]
--- envelope eval
[("code: PROVIDER_UNAVAILABLE\nprovider.match: none") x 2]



=== TEST 8: a vendor that dies in the body, before the verdict
--- upstream_body: {"data":"0123456789","status":"ok"}
--- upstream_cut: 15
--- error_code: 503
--- response_headers
Content-Type: application/problem+json
X-Said: error/generated/PROVIDER_UNAVAILABLE/503/none//
--- envelope
code: PROVIDER_UNAVAILABLE
provider.status:
--- error_log: upstream prematurely closed connection



=== TEST 9: the same in every way that nginx reads
--- both
proxy_http_version 1.1;
--- location
proxy_buffering off;
--- upstream_framing: chunked
--- upstream_body: {"data":"0123456789","status":"ok"}
--- upstream_cut: 15
--- upstream_then: reset
--- error_code: 503
--- envelope
code: PROVIDER_UNAVAILABLE
--- error_log eval
qr/upstream prematurely closed connection|reset by peer/



=== TEST 10: a vendor that falls silent in the body, before the verdict
--- location
proxy_read_timeout 300ms;
--- upstream_body: {"data":"0123456789","status":"ok"}
--- upstream_cut: 15
--- upstream_then: stall
--- error_code: 503
--- envelope
code: PROVIDER_UNAVAILABLE
--- error_log: upstream timed out



=== TEST 11: a vendor that dies behind its error code is judged by the code
--- upstream_body: {"status":"bad","data":"0123456789"}
--- upstream_cut: 25
--- error_code: 400
--- response_headers_like
X-Said: error//INVALID_PARAMETER/400/exact/\S+nginx\.conf:\d+/200
--- envelope
code: INVALID_PARAMETER
provider.code: bad
provider.status: 200
--- error_log: upstream prematurely closed connection



=== TEST 12: a vendor that dies in an error is judged by its status
--- upstream_status: 404
--- upstream_body: {"data":"0123456789","status":"ok"}
--- upstream_cut: 15
--- error_code: 404
--- envelope
code: NOT_FOUND
provider.status: 404
provider.match: status
--- error_log: upstream prematurely closed connection



=== TEST 13: a vendor that dies behind the verdict breaks off, as without the module
--- upstream_body: {"status":"ok","data":"0123456789"}
--- upstream_cut: 25
--- upstream_split: 16
--- same
--- error_log: upstream prematurely closed connection



=== TEST 14: nginx's other errors are not those of a vendor
--- config
location /deny {
    telephony_errors vendor;
    deny all;
}

location /return {
    telephony_errors vendor;
    return 502;
}
--- request eval
["GET /deny", "GET /return"]
--- error_code eval
[403, 502]
--- response_headers eval
[("Content-Type: text/html\n!Telephony-Code") x 2]
--- response_body_like eval
[qr/403 Forbidden/, qr/502 Bad Gateway/]



=== TEST 15: a request that the proxy refuses is not an error of the vendor
--- location
client_max_body_size 10;
--- request eval
"POST /api/\n" . "x" x 20
--- error_code: 413
--- response_headers
Content-Type: text/html
! Telephony-Code
--- error_log: client intended to send too large body



=== TEST 16: off leaves an unreachable vendor to nginx
--- generated: off
--- dead: 1
--- request
GET /dead/
--- error_code: 502
--- response_headers
Content-Type: text/html
X-Said: //////
! Telephony-Code
--- response_body_like: <h1>502 Bad Gateway</h1>
--- error_log: connect() failed



=== TEST 17: off leaves a silent vendor to nginx
--- generated: off
--- location
proxy_read_timeout 200ms;
--- upstream_delay: 2
--- error_code: 504
--- response_headers
! Telephony-Code
--- response_body_like: <h1>504 Gateway Time-out</h1>
--- error_log: upstream timed out



=== TEST 18: off leaves an answer that breaks off as it is
--- generated: off
--- upstream_body: {"data":"0123456789","status":"bad"}
--- upstream_cut: 15
--- response_headers
Content-Type: application/json
X-Said: none/truncated/////200
! Telephony-Code
--- response_body chomp
{"data":"012345
--- error_log: upstream prematurely closed connection



=== TEST 19: off still replaces what the vendor says
--- generated: off
--- upstream_body: {"status":"bad"}
--- error_code: 400
--- envelope
code: INVALID_PARAMETER



=== TEST 20: all has a forbidden address in the envelope
--- generated: all
--- location
deny all;
--- error_code: 403
--- response_headers
Content-Type: application/problem+json
Cache-Control: no-store
X-Said: error/generated/PERMISSION_DENIED/403/none//
Telephony-Code: PERMISSION_DENIED
--- envelope
status: 403
code: PERMISSION_DENIED
provider.name: vendor
provider.match: none
provider.status:
--- error_log: access forbidden by rule



=== TEST 21: all has a body that is too large in the envelope
--- generated: all
--- location
client_max_body_size 10;
--- request eval
"POST /api/\n" . "x" x 20
--- error_code: 413
--- response_headers
Telephony-Code: PAYLOAD_TOO_LARGE
--- envelope
status: 413
code: PAYLOAD_TOO_LARGE
--- error_log: client intended to send too large body



=== TEST 22: all has a limited rate in the envelope, with the status that is set
--- generated: all
--- location
limit_req zone=slow;
limit_req_status 429;
--- upstream_body: {"status":"ok"}
--- pipelined_requests eval
["GET /api/", "GET /api/", "GET /api/"]
--- error_code eval
[200, 429, 429]
--- response_headers eval
["!Telephony-Code", ("Telephony-Code: RATE_LIMITED\nTelephony-Retryable: true") x 2]
--- response_body_like eval
[qr/ok/, (qr/"status":429,.*"code":"RATE_LIMITED"/) x 2]



=== TEST 23: a limited rate is no failure of the vendor, also where no status is set
--- generated: all
--- location
limit_req zone=slow;
--- upstream_body: {"status":"ok"}
--- pipelined_requests eval
["GET /api/", "GET /api/"]
--- error_code eval
[200, 429]
--- response_headers eval
["!Telephony-Code", "Telephony-Code: RATE_LIMITED\nTelephony-Retryable: true"]



=== TEST 24: all has nginx's own 503 in the envelope, and it does not blame the vendor
--- generated: all
--- location
return 503;
--- error_code: 503
--- response_headers
X-Said: error/generated/CAPACITY_UNAVAILABLE/503/none//
Telephony-Retryable: true
--- envelope
code: CAPACITY_UNAVAILABLE
category: UNAVAILABLE
detail: The gateway could not serve the request
provider.match: none



=== TEST 25: all has every status of a "return" without a text
--- generated: all
--- location
if ($arg_s = 404) { return 404; }
if ($arg_s = 405) { return 405; }
if ($arg_s = 410) { return 410; }
if ($arg_s = 418) { return 418; }
if ($arg_s = 500) { return 500; }
if ($arg_s = 502) { return 502; }
if ($arg_s = 504) { return 504; }
--- request eval
[map { "GET /api/?s=$_" } 404, 405, 410, 418, 500, 502, 504]
--- error_code eval
[404, 405, 404, 418, 500, 503, 503]
--- envelope eval
["code: NOT_FOUND", "code: METHOD_NOT_ALLOWED", "code: NOT_FOUND",
 "code: UNKNOWN\ndetail: The gateway refused the request",
 "code: INTERNAL\ndetail: The gateway could not serve the request",
 "code: CAPACITY_UNAVAILABLE", "code: CAPACITY_UNAVAILABLE"]



=== TEST 26: a text that the configuration gives is never replaced
--- generated: all
--- location
return 404 "not here\n";
--- error_code: 404
--- response_headers
Content-Type: text/plain
! Telephony-Code
--- response_body
not here



=== TEST 27: a redirect is never replaced
--- generated: all
--- location
return 302 http://localhost/elsewhere;
--- error_code: 302
--- response_headers
Location: http://localhost/elsewhere
! Telephony-Code



=== TEST 28: a missing file
--- config
location /files/ {
    telephony_errors vendor;
    telephony_errors_generated all;
}
--- request
GET /files/none
--- error_code: 404
--- envelope
code: NOT_FOUND
--- error_log: No such file or directory



=== TEST 29: a file is a file
--- config
location /files/ {
    telephony_errors vendor;
    telephony_errors_generated all;
    default_type application/json;
}
--- user_files
>>> files/a
{"status":"bad"}
--- request
GET /files/a
--- response_headers
! Telephony-Code
--- response_body
{"status":"bad"}



=== TEST 30: a 401 of nginx keeps its own challenge
--- generated: all
--- location
auth_basic "the gateway";
auth_basic_user_file $TEST_NGINX_SERVROOT/html/users;
--- user_files
>>> users
somebody:{PLAIN}secret
--- error_code: 401
--- response_headers
WWW-Authenticate: Basic realm="the gateway"
Telephony-Code: UNAUTHENTICATED
--- envelope
code: UNAUTHENTICATED



=== TEST 31: auth_request refuses, with the challenge of the one that was asked
--- generated: all
--- location
auth_request /auth;
--- config
location = /auth {
    internal;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
--- upstream_routes eval
{ "/auth" => { status => 401,
               headers => [ 'WWW-Authenticate: Token realm="auth"' ] } }
--- error_code: 401
--- response_headers
WWW-Authenticate: Token realm="auth"
Telephony-Code: UNAUTHENTICATED
--- envelope
code: UNAUTHENTICATED
status: 401



=== TEST 32: auth_request that lets pass leaves the answer as it is
--- generated: all
--- location
auth_request /auth;
--- config
location = /auth {
    internal;
    return 204;
}
--- upstream_body: {"status":"bad"}
--- error_code: 400
--- envelope
code: INVALID_PARAMETER



=== TEST 33: a request that nginx cannot read, where the server has it on
--- config
telephony_errors vendor;
telephony_errors_generated all;
--- raw_request eval
"GET /api/ HTTP/1.1\r\nConnection: close\r\n\r\n"
--- error_code: 400
--- response_headers
Telephony-Code: INVALID_PARAMETER
--- envelope
code: INVALID_PARAMETER
status: 400
--- error_log: client sent HTTP/1.1 request without "Host" header



=== TEST 34: the body that an error_page supplies stays
--- generated: all
--- location
deny all;
error_page 403 /sorry.html;
--- config
location = /sorry.html {
    telephony_errors vendor;
    telephony_errors_generated all;
}
--- user_files
>>> sorry.html
sorry
--- error_code: 403
--- response_headers
Content-Type: text/html
! Telephony-Code
--- response_body
sorry
--- error_log: access forbidden by rule



=== TEST 35: the body that an error_page supplies for an unreachable vendor stays
--- dead: 1
--- location
error_page 502 =503 /sorry.json;
--- config
location = /sorry.json {
    telephony_errors vendor;
    return 200 '{"sorry":true}';
}
--- request
GET /dead/
--- error_code: 503
--- response_headers
! Telephony-Code
--- response_body chomp
{"sorry":true}
--- error_log: connect() failed



=== TEST 36: an error_page for other statuses changes nothing
--- dead: 1
--- location
error_page 404 500 /sorry.html;
--- request
GET /dead/
--- error_code: 503
--- envelope
code: PROVIDER_UNAVAILABLE
--- error_log: connect() failed



=== TEST 37: an error_page that asks another vendor is judged by its answer
--- dead: 1
--- location
error_page 502 = @other;
--- config
location @other {
    telephony_errors vendor;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
--- upstream_routes eval
{ "/dead/bad" => { body => '{"status":"bad"}' },
  "/dead/ok" => { body => '{"status":"ok"}' } }
--- request eval
["GET /dead/bad", "GET /dead/ok"]
--- error_code eval
[400, 200]
--- response_body_like eval
[qr/"code":"INVALID_PARAMETER"/, qr/\A\{"status":"ok"\}\z/]
--- error_log: connect() failed



=== TEST 38: an error_page for other statuses, above an internal location
--- config
error_page 404 500 /sorry.html;

location /files/ {
    try_files $uri @vendor;
}

location /recursive/ {
    recursive_error_pages on;
    try_files $uri @vendor;
}

location @vendor {
    telephony_errors vendor;
    proxy_pass http://127.0.0.1:$TEST_NGINX_DEAD_PORT;
}
--- request eval
["GET /files/none", "GET /recursive/none"]
--- error_code eval
[503, 503]
--- envelope eval
[("code: PROVIDER_UNAVAILABLE") x 2]
--- error_log: connect() failed



=== TEST 39: an error_page that asks another vendor who is dead, too
--- config
location /two {
    telephony_errors off;
    error_page 502 = @other;
    proxy_pass http://127.0.0.1:$TEST_NGINX_DEAD_PORT;
}

location @other {
    telephony_errors vendor;
    proxy_pass http://127.0.0.1:$TEST_NGINX_DEAD_PORT;
}
--- request
GET /two
--- error_code: 503
--- envelope
code: PROVIDER_UNAVAILABLE
--- error_log: connect() failed



=== TEST 40: an error_page of a status that the target is given stays, where recursion is on
--- dead: 1
--- config
recursive_error_pages on;
error_page 502 /sorry.html;

location = /sorry.html {
    telephony_errors vendor;
    telephony_errors_generated all;
}
--- user_files
>>> sorry.html
sorry
--- request
GET /dead/
--- error_code: 502
--- response_headers
! Telephony-Code
--- response_body
sorry
--- error_log: connect() failed



=== TEST 41: a second server of the group answers for a dead one
--- http_config
upstream two {
    server 127.0.0.1:$TEST_NGINX_DEAD_PORT;
    server 127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
--- config
location /two {
    telephony_errors vendor;
    proxy_pass http://two;
}
--- upstream_body: {"status":"bad"}
--- request eval
["GET /two", "GET /two"]
--- error_code eval
[400, 400]
--- envelope eval
["provider.status: 200", "provider.status: 200"]



=== TEST 42: HEAD gets the header alone
--- dead: 1
--- request
HEAD /dead/
--- error_code: 503
--- response_headers
Content-Type: application/problem+json
! Content-Length
Telephony-Code: PROVIDER_UNAVAILABLE
--- response_body
--- error_log: connect() failed



=== TEST 43: HEAD of an error of nginx alone
--- generated: all
--- location
deny all;
--- request
HEAD /api/
--- error_code: 403
--- response_headers
Content-Type: application/problem+json
Telephony-Code: PERMISSION_DENIED
--- response_body
--- error_log: access forbidden by rule



=== TEST 44: the connection to the client is kept
--- dead: 1
--- generated: all
--- config
location /no {
    telephony_errors vendor;
    telephony_errors_generated all;
    return 403;
}
--- upstream_body: {"status":"ok"}
--- pipelined_requests eval
["GET /dead/", "GET /no", "GET /dead/", "GET /api/"]
--- error_code eval
[503, 403, 503, 200]



=== TEST 45: without telephony_errors there is nothing
--- config
telephony_errors_generated all;

location /off {
    telephony_errors off;
    return 403;
}

location /none {
    return 403;
}

location /variable {
    telephony_errors $arg_provider;
    return 403;
}
--- request eval
["GET /off", "GET /none", "GET /variable"]
--- error_code eval
[403, 403, 403]
--- response_headers eval
[("Content-Type: text/html\n!Telephony-Code") x 3]



=== TEST 46: the value is inherited, and taken back below
--- http_config
telephony_errors_generated all;
--- config
telephony_errors vendor;

location /here {
    return 403;
}

location /there {
    telephony_errors_generated upstream;
    return 403;
}
--- request eval
["GET /here", "GET /there"]
--- error_code eval
[403, 403]
--- response_headers eval
["Telephony-Code: PERMISSION_DENIED", "!Telephony-Code"]



=== TEST 47: $status and the log say what was sent
--- dead: 1
--- http_config
log_format sent "sent $status $body_bytes_sent $telephony_code";
--- location
access_log logs/error.log sent;
--- request
GET /dead/
--- error_code: 503
--- wait: 0.1
--- error_log eval
[qr/connect\(\) failed/, qr/^sent 503 \d{3} PROVIDER_UNAVAILABLE$/]



=== TEST 48: another word is refused
--- generated: some
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid value "some" in "telephony_errors_generated" directive, it must be "off", "upstream" or "all" in \S+nginx\.conf:\d+$/



=== TEST 49: two of them in one location are refused
--- generated: all
--- location
telephony_errors_generated all;
--- must_die
--- error_log
"telephony_errors_generated" directive is duplicate



=== TEST 50: a limited number of connections is no failure of the vendor either
--- generated: all
--- http_config
limit_conn_zone $server_name zone=few:1m;
--- location
limit_conn few 1;
--- config
location = /both {
    limit_conn few 1;
    telephony_errors vendor;
    telephony_errors_generated all;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/api/;
}
--- upstream_body: {"status":"ok"}
--- request
GET /both
--- error_code: 429
--- response_body_like: "code":"RATE_LIMITED"
--- error_log: limiting connections by zone



=== TEST 51: an internal redirect is no error_page, also where recursion is on
--- config
location /try/ {
    recursive_error_pages on;
    try_files /nothing @vendor;
}

location /rewrite/ {
    recursive_error_pages on;
    rewrite ^ /denied last;
}

location = /denied {
    recursive_error_pages on;
    telephony_errors vendor;
    telephony_errors_generated all;
    deny all;
}

location @vendor {
    recursive_error_pages on;
    telephony_errors vendor;
    telephony_errors_generated all;

    if ($arg_s = 418) {
        return 418;
    }

    return 403;
}
--- request eval
["GET /try/a", "GET /try/a.json", "GET /try/a?s=418", "GET /rewrite/",
 "HEAD /try/a"]
--- error_code eval
[403, 403, 418, 403, 403]
--- response_headers eval
["Telephony-Code: PERMISSION_DENIED", "Telephony-Code: PERMISSION_DENIED",
 "Telephony-Code: UNKNOWN", "Telephony-Code: PERMISSION_DENIED",
 "Telephony-Code: PERMISSION_DENIED"]



=== TEST 52: what an error_page supplies stays, in all its forms, where recursion is on and off
--- config
default_type text/html;
telephony_errors vendor;
telephony_errors_generated all;

location /on/ {
    recursive_error_pages on;
    error_page 403 /pages/text;
    error_page 404 = /pages/text;
    error_page 405 =406 /pages/text;
    error_page 409 /pages/file.html;
    error_page 410 =411 /pages/file.html;

    if ($arg_s = 403) { return 403; }
    if ($arg_s = 404) { return 404; }
    if ($arg_s = 405) { return 405; }
    if ($arg_s = 409) { return 409; }
    if ($arg_s = 410) { return 410; }
}

location /off/ {
    error_page 405 =406 /pages/text;
    error_page 410 =411 /pages/file.html;

    if ($arg_s = 405) { return 405; }
    if ($arg_s = 410) { return 410; }
}

location = /pages/text {
    recursive_error_pages on;
    return 200 "sorry";
}

location = /pages/file.html {
    recursive_error_pages on;
}
--- user_files
>>> pages/file.html
sorry
--- request eval
[(map { "GET /on/?s=$_" } 403, 404, 405, 409, 410),
 (map { "GET /off/?s=$_" } 405, 410)]
--- error_code eval
[403, 200, 406, 409, 411, 406, 411]
--- response_headers eval
[("Content-Type: text/html\n!Telephony-Code") x 7]
--- response_body_like eval
[(qr/\Asorry\n?\z/) x 7]



=== TEST 53: an error_page that fails itself ends in an error of nginx
--- config
location /missing/ {
    telephony_errors vendor;
    telephony_errors_generated all;
    error_page 403 /missing/page;
    deny all;
}
--- request
GET /missing/
--- error_code: 403
--- envelope
code: PERMISSION_DENIED



=== TEST 54: a condition of the client that a cached answer fails
--- generated: all
--- http_config
proxy_cache_path $TEST_NGINX_SERVROOT/cache keys_zone=cached:1m;
--- location
proxy_cache cached;
proxy_cache_valid 200 1m;
--- upstream_headers
ETag: "here"
--- upstream_body: {"status":"ok"}
--- request eval
["GET /api/", "GET /api/", "GET /api/"]
--- more_headers eval
["", "If-Match: \"other\"", "If-Match: \"here\""]
--- error_code eval
[200, 412, 200]
--- response_headers eval
["!Telephony-Code", "Telephony-Code: UNKNOWN", "!Telephony-Code"]
--- response_body_like eval
[qr/"ok"/, qr/"status":412,.*"detail":"The gateway refused the request"/,
 qr/"ok"/]



=== TEST 55: the same stays nginx's page where only the vendor's failures are meant
--- http_config
proxy_cache_path $TEST_NGINX_SERVROOT/cache keys_zone=cached:1m;
--- location
proxy_cache cached;
proxy_cache_valid 200 1m;
--- upstream_headers
ETag: "here"
--- upstream_body: {"status":"ok"}
--- request eval
["GET /api/", "GET /api/"]
--- more_headers eval
["", "If-Match: \"other\""]
--- error_code eval
[200, 412]
--- response_headers eval
["!Telephony-Code", "Content-Type: text/html\n!Telephony-Code"]



=== TEST 56: a vendor that sends the request to a location that fails is not dead
--- config
location = /gone {
    internal;
    telephony_errors vendor;
    return 502;
}
--- upstream_headers
X-Accel-Redirect: /gone
--- error_code: 502
--- response_headers
Content-Type: text/html
! Telephony-Code



=== TEST 57: under all that is an error of the gateway
--- config
location = /gone {
    internal;
    telephony_errors vendor;
    telephony_errors_generated all;
    return 502;
}
--- upstream_headers
X-Accel-Redirect: /gone
--- error_code: 503
--- envelope
code: CAPACITY_UNAVAILABLE



=== TEST 58: an upstream that is only asked for headers has not died
--- both
proxy_method HEAD;
--- upstream_raw eval
"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
--- raw_request eval
"GET /api/ HTTP/1.0\r\n\r\n"
--- error_code: 200
--- response_headers
X-Said: none/empty/////200
Content-Length: 15
! Telephony-Code
--- ignore_response_body



=== TEST 59: nor has one that says an error so
--- location
proxy_method HEAD;
--- upstream_raw eval
"HTTP/1.1 404 No\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
--- error_code: 404
--- envelope
code: NOT_FOUND
provider.status: 404
