# Where nginx itself, or a header of the upstream, could make the answer say
# what is not so.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;

our $acme = <<'END';
    telephony_catalog acme {
        code     code;
        message  text;
        language en;
        success  ok;
        error    down  PROVIDER_UNAVAILABLE;
        error    bad   INVALID_PARAMETER;
    }
END

# a message may undo the success

our $undone = <<'END';
    telephony_catalog acme {
        code     code;
        message  text;
        success  ok;
        error    ok  "message=no money"  INSUFFICIENT_FUNDS;
    }
END

# the upstream is dead, another is asked instead

our $page = <<'END';
    location /api/ {
        telephony_errors acme;
        proxy_pass http://127.0.0.1:$TEST_NGINX_DEAD_PORT;
        error_page 502 = /second/;
    }

    location /second/ {
        telephony_errors acme;
        proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
    }
END

run_tests();

__DATA__

=== TEST 1: a POST that an error_page made a GET is not to be repeated
--- catalogs: codes
--- http_config eval: $::acme
--- config eval: $::page
--- upstream_body: {"code":"down"}
--- request
POST /api/call
x=1
--- error_code: 503
--- response_headers
Telephony-Code: PROVIDER_UNAVAILABLE
Telephony-Retryable: false
--- envelope
retryable: false



=== TEST 2: a GET that went the same way is
--- catalogs: codes
--- http_config eval: $::acme
--- config eval: $::page
--- upstream_body: {"code":"down"}
--- request
GET /api/call
--- error_code: 503
--- response_headers
Telephony-Code: PROVIDER_UNAVAILABLE
Telephony-Retryable: true
--- envelope
retryable: true



=== TEST 3: a POST that X-Accel-Redirect made a GET is not to be repeated
--- catalogs: codes
--- http_config eval: $::acme
--- config
    location /api/ {
        telephony_errors acme;
        proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
    }
--- upstream_routes eval
{ '/api/call' => { headers => [ 'X-Accel-Redirect: /api/other' ] },
  '/api/other' => { body => '{"code":"down"}' } }
--- request
POST /api/call
x=1
--- error_code: 503
--- response_headers
Telephony-Code: PROVIDER_UNAVAILABLE
Telephony-Retryable: false



=== TEST 4: the envelope has no charset, whatever X-Accel-Charset says
--- catalogs: codes
--- http_config eval
$::acme . '
    charset_map windows-1251 utf-8 { E0 D0B0; }
'
--- provider: acme
--- upstream_headers
X-Accel-Charset: windows-1251
--- upstream_body: {"code":"bad","text":"ошибка"}
--- request
GET /api/call
--- error_code: 400
--- response_headers
Content-Type: application/problem+json
--- envelope
detail: ошибка



=== TEST 5: a good answer keeps that charset
--- catalogs: codes
--- http_config eval
$::acme . '
    charset_map windows-1251 utf-8 { E0 D0B0; }
'
--- provider: acme
--- upstream_headers
X-Accel-Charset: windows-1251
--- upstream_body: {"code":"ok"}
--- request
GET /api/call
--- same
--- response_headers_like
Content-Type: .*; charset=windows-1251



=== TEST 6: an error that calls itself OK is not our envelope
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_status: 400
--- upstream_headers
Content-Type: application/problem+json
--- upstream_body: {"code":"OK"}
--- request
GET /api/call
--- error_code: 400
--- response_headers_like
Telephony-Code: (?!OK).+
--- envelope
provider.status: 400



=== TEST 7: a body that begins with NUL is no JSON
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
add_header X-Reason "$telephony_verdict $telephony_reason" always;
--- upstream_body eval: "\0{\"code\":\"bad\"}"
--- request
GET /api/call
--- response_headers
X-Reason: none not_json
--- same



=== TEST 8: a success whose message is not seen any more is no success yet
--- catalogs: codes
--- http_config eval: $::undone
--- provider: acme
--- location
telephony_errors_window 256;
add_header X-Reason "$telephony_verdict $telephony_reason" always;
--- upstream_body eval: '{"code":"ok","list":"' . 'x' x 500 . '","text":"no money"}'
--- request
GET /api/call
--- response_headers
X-Reason: none window
--- same



=== TEST 9: and one whose message was seen is one
--- catalogs: codes
--- http_config eval: $::undone
--- provider: acme
--- location
telephony_errors_window 256;
add_header X-Verdict "$telephony_verdict" always;
--- upstream_body eval: '{"code":"ok","text":"fine","list":"' . 'x' x 500 . '"}'
--- request
GET /api/call
--- response_headers
X-Verdict: success
--- same



=== TEST 10: our own envelope is known by its beginning, though longer than the window
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
telephony_errors_window 1k;
add_header X-Verdict "$telephony_verdict $telephony_reason $telephony_code" always;
--- upstream_status: 402
--- upstream_headers
Content-Type: application/problem+json
Telephony-Code: FORGED
--- upstream_body eval
'{"type":"about:blank","title":"Payment Required","status":402,"detail":"' . 'x' x 500
. '","instance":"urn:uuid:1","code":"INSUFFICIENT_FUNDS","message":"' . 'y' x 500
. '","category":"PAYMENT_REQUIRED","retryable":false,"provider":{"name":"a","code":"E1"}}'
--- request
GET /api/call
--- error_code: 402
--- same
--- response_headers
Telephony-Code: INSUFFICIENT_FUNDS
Telephony-Category: PAYMENT_REQUIRED
X-Verdict: error  INSUFFICIENT_FUNDS



=== TEST 11: one that is cut is not passed as it is, nor is one that breaks off as JSON
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_status: 402
--- upstream_headers
Content-Type: application/problem+json
--- upstream_body: {"status":402,"code":"INVALID_PARAMETER","detail":"x
--- request
GET /api/call
--- error_code: 402
--- response_headers
Telephony-Code: INSUFFICIENT_FUNDS
--- envelope
provider.status: 402

