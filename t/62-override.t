# telephony_errors_override: another HTTP status for a unified code.

use lib 't/lib';
use TelephonyTest;

our $catalog = <<'END';
    telephony_catalog vendor {
        code       status items[].status;
        message    text;
        success    ok;
        notice     none  NO_RESULTS  "Nothing there";
        notice     busy  DESTINATION_BUSY;
        error      auth  UNAUTHENTICATED  "The key is wrong";
        error      bad   INVALID_PARAMETER;
        error      new   "message=old" ALREADY_EXISTS;
        challenge  'Key realm="vendor"';
        allow      POST;

        example    200 '{"status":"none"}'  notice:NO_RESULTS;
    }
END

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('catalogs', 'codes') unless defined $block->catalogs;
    $block->set_value('http_config', $catalog . ($block->http_config // ''))
        if $block->catalogs eq 'codes';

    if (!defined $block->config) {
        $block->set_value('provider', 'vendor');
        $block->set_value('location', ($block->location // '') . <<'END');
            add_header X-Said "$telephony_verdict $telephony_code $telephony_status" always;
END
    }

    $block->set_value('request', 'GET /api/') unless defined $block->request;
});

run_tests();

__DATA__

=== TEST 1: a gateway that owns the credentials sends no 401
--- location
telephony_errors_override UNAUTHENTICATED 502;
--- upstream_status: 401
--- upstream_body: {"status":"auth"}
--- error_code: 502
--- raw_response_headers_like: \AHTTP/1\.1 502 Bad Gateway\r\n
--- response_headers
X-Said: error UNAUTHENTICATED 502
Telephony-Code: UNAUTHENTICATED
! WWW-Authenticate
--- envelope
status: 502
title: Bad Gateway
code: UNAUTHENTICATED
category: UNAUTHENTICATED
detail: The key is wrong
provider.status: 401
provider.match: exact



=== TEST 2: $status and the log say what was sent
--- http_config
log_format sent "sent $status $telephony_status was $telephony_provider_status";
--- location
telephony_errors_override UNAUTHENTICATED 502;
access_log logs/error.log sent;
--- upstream_status: 401
--- upstream_body: {"status":"auth"}
--- error_code: 502
--- log_level: debug
--- wait: 0.1
--- error_log
sent 502 502 was 401



=== TEST 3: other codes keep their status
--- location
telephony_errors_override UNAUTHENTICATED 502;
--- upstream_body: {"status":"bad"}
--- error_code: 400
--- response_headers
X-Said: error INVALID_PARAMETER 400
--- envelope
status: 400



=== TEST 4: a notice with a status of its own is an error
--- location
telephony_errors_override NO_RESULTS 404;
--- upstream_body: {"status":"none","text":"no messages"}
--- error_code: 404
--- response_headers
Content-Type: application/problem+json
Cache-Control: no-store
X-Said: error NO_RESULTS 404
Telephony-Code: NO_RESULTS
--- envelope
status: 404
title: Not Found
code: NO_RESULTS
category: NOT_FOUND
detail: Nothing there
provider.message: no messages
provider.status: 200



=== TEST 5: other notices stay what they are
--- location
telephony_errors_override NO_RESULTS 404;
--- upstream_body: {"status":"busy"}
--- response_headers
X-Said: notice DESTINATION_BUSY 200
Telephony-Code: DESTINATION_BUSY
--- same



=== TEST 6: a good answer stays good
--- location
telephony_errors_override NO_RESULTS 404;
telephony_errors_override PARTIAL_FAILURE 422;
--- upstream_body: {"status":"ok"}
--- response_headers
X-Said: success OK 200
! Telephony-Code
--- same



=== TEST 7: a failure in part can be an error
--- location
telephony_errors_override PARTIAL_FAILURE 422;
--- upstream_body: {"items":[{"status":"ok"},{"status":"bad"}]}
--- error_code: 422
--- raw_response_headers_like: \AHTTP/1\.1 422 Unprocessable Content\r\n
--- response_headers
X-Said: error PARTIAL_FAILURE 422
--- json
status: 422
code: PARTIAL_FAILURE
provider.code: bad



=== TEST 8: an unknown code can have a status, whatever the vendor's
--- location
telephony_errors_override UNKNOWN 500;
--- upstream_body: {"status":"never seen"}
--- error_code: 500
--- envelope
status: 500
code: UNKNOWN
provider.code: never seen



=== TEST 9: an error by the HTTP status can have another
--- location
telephony_errors_override NOT_FOUND 410;
--- upstream_status: 404
--- upstream_headers
Content-Type: text/html
--- upstream_body: <html>
--- error_code: 410
--- envelope
status: 410
title: Gone
code: NOT_FOUND
provider.status: 404



=== TEST 10: an error of nginx itself can have another
--- location
telephony_errors_override PROVIDER_UNAVAILABLE 502;
set $dead 127.0.0.1:$TEST_NGINX_DEAD_PORT;
proxy_next_upstream off;
if ($arg_dead) {
    proxy_pass http://$dead;
}
--- request
GET /api/?dead=1
--- error_code: 502
--- envelope
status: 502
code: PROVIDER_UNAVAILABLE
provider.match: none
--- error_log: connect() failed



=== TEST 11: HEAD gets the status, too
--- location
telephony_errors_override UNAUTHENTICATED 502;
--- request
HEAD /api/
--- upstream_status: 401
--- error_code: 502
--- response_headers
Telephony-Code: UNAUTHENTICATED
! Content-Length



=== TEST 12: a status of 401 owes a challenge, one of 405 the allowed methods
--- location
telephony_errors_override INVALID_PARAMETER 401;
telephony_errors_override UNKNOWN 405;
--- upstream_routes eval
{ "/api/a" => { body => '{"status":"bad"}' },
  "/api/b" => { body => '{"status":"what"}' } }
--- request eval
["GET /api/a", "GET /api/b"]
--- error_code eval
[401, 405]
--- response_headers eval
["WWW-Authenticate: Key realm=\"vendor\"\n!Allow",
 "Allow: POST\n!WWW-Authenticate"]



=== TEST 13: the limits of what can be sent
--- location
telephony_errors_override UNAUTHENTICATED 400;
telephony_errors_override INVALID_PARAMETER 599;
--- upstream_routes eval
{ "/api/a" => { body => '{"status":"auth"}' },
  "/api/b" => { body => '{"status":"bad"}' } }
--- request eval
["GET /api/a", "GET /api/b"]
--- error_code eval
[400, 599]
--- envelope eval
["title: Bad Request\nstatus: 400", "title: Server Error\nstatus: 599"]



=== TEST 14: a location without any has those of the level above
--- http_config
telephony_errors_override UNAUTHENTICATED 502;
telephony_errors_override NO_RESULTS 404;
--- upstream_routes eval
{ "/api/a" => { body => '{"status":"auth"}' },
  "/api/b" => { body => '{"status":"none"}' } }
--- request eval
["GET /api/a", "GET /api/b"]
--- error_code eval
[502, 404]



=== TEST 15: a location with one of its own has none of the level above
--- http_config
telephony_errors_override UNAUTHENTICATED 502;
telephony_errors_override NO_RESULTS 404;
--- location
telephony_errors_override UNAUTHENTICATED 500;
--- upstream_routes eval
{ "/api/a" => { body => '{"status":"auth"}' },
  "/api/b" => { body => '{"status":"none"}' } }
--- request eval
["GET /api/a", "GET /api/b"]
--- error_code eval
[500, 200]



=== TEST 16: the examples of the catalogs are judged without them
--- http_config
telephony_errors_override NO_RESULTS 404;
--- upstream_body: {"status":"ok"}
--- same



=== TEST 17: an envelope of another gateway keeps its status
--- location
telephony_errors_override UNAUTHENTICATED 502;
--- upstream_status: 401
--- upstream_headers
Content-Type: application/problem+json
--- upstream_body: {"type":"about:blank","title":"Unauthorized","status":401,"code":"UNAUTHENTICATED"}
--- error_code: 401
--- response_headers
Telephony-Code: UNAUTHENTICATED
--- same



=== TEST 18: observing tells the status and does not send it
--- location
telephony_errors_observe on;
telephony_errors_override UNAUTHENTICATED 502;
telephony_errors_override NO_RESULTS 404;
--- upstream_routes eval
{ "/api/a" => { status => 401, body => '{"status":"auth"}' },
  "/api/b" => { body => '{"status":"none"}' } }
--- request eval
["GET /api/a", "GET /api/b"]
--- error_code eval
[401, 200]
--- response_headers eval
["X-Said: error UNAUTHENTICATED 502", "X-Said: error NO_RESULTS 404"]
--- response_body eval
['{"status":"auth"}', '{"status":"none"}']



=== TEST 19: an unknown code is refused, with file and line
--- location
telephony_errors_override UNAUTHENTICATD 502;
--- must_die
--- error_log eval
qr/\[emerg\] .*"UNAUTHENTICATD" in "telephony_errors_override" is no unified code of an error or a notice in \S+nginx\.conf:\d+$/



=== TEST 20: success cannot have another status
--- location
telephony_errors_override OK 404;
--- must_die
--- error_log
"OK" in "telephony_errors_override" is no unified code of an error or a notice



=== TEST 21: a code twice in one location is refused
--- location
telephony_errors_override UNAUTHENTICATED 502;
telephony_errors_override UNAUTHENTICATED 500;
--- must_die
--- error_log eval
qr/\[emerg\] .*"UNAUTHENTICATED" is overridden twice here in \S+nginx\.conf:\d+$/



=== TEST 22: a status below 400 is refused
--- location
telephony_errors_override UNAUTHENTICATED 200;
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid HTTP status "200" in "telephony_errors_override" directive, use 400 to 599 in \S+nginx\.conf:\d+$/



=== TEST 23: a status above 599 is refused
--- location
telephony_errors_override UNAUTHENTICATED 600;
--- must_die
--- error_log
invalid HTTP status "600"



=== TEST 24: what is no number is refused
--- location
telephony_errors_override UNAUTHENTICATED 4xx;
--- must_die
--- error_log
invalid HTTP status "4xx"



=== TEST 25: a code without a status is refused
--- location
telephony_errors_override UNAUTHENTICATED;
--- must_die
--- error_log
invalid number of arguments in "telephony_errors_override" directive



=== TEST 26: an override without any code is refused
--- catalogs: none
--- config
telephony_errors_override UNAUTHENTICATED 502;
--- must_die
--- error_log
"UNAUTHENTICATED" in "telephony_errors_override" is no unified code of an error or a notice
