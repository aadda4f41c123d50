# telephony_errors_hide_provider: clients do not learn which vendor answered,
# the operator does.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;

our $hidden = "!Telephony-Provider\n!Telephony-Provider-Code\n";

our $acme = <<'END';
    telephony_catalog acme {
        code      c;
        message   text;
        language  en;
        success   0;
        notice    1  NO_RESULTS           "Nothing was found";
        error     2  INSUFFICIENT_FUNDS   "No money is left";
    }
    log_format told '$telephony_provider/$telephony_provider_code/$telephony_provider_message/$telephony_provider_status';
    telephony_errors_zone told 1m;
    telephony_envelope own application/json {
        who   $telephony_provider;
        code  $telephony_provider_code;
    }
END

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('catalogs', 'codes') unless defined $block->catalogs;
    $block->set_value('http_config', $::acme . ($block->http_config // ''));
    $block->set_value('request', 'GET /api/') unless defined $block->request;

    return if defined $block->config;

    $block->set_value('provider', 'acme');
    $block->set_value('location', ($block->location // '')
                                  . "\ntelephony_errors_hide_provider on;");
});

run_tests();

__DATA__

=== TEST 1: an error has neither the vendor's headers nor its member
--- upstream_body: {"c":2,"text":"Credit of Acme is used up"}
--- error_code: 402
--- response_headers eval
"Telephony-Code: INSUFFICIENT_FUNDS\nTelephony-Category: PAYMENT_REQUIRED\n"
. "Telephony-Retryable: false\n$::hidden"
--- json
code: INSUFFICIENT_FUNDS
status: 402
retryable: false
provider:



=== TEST 2: detail stays the vendor's text where the catalog says language en
--- upstream_body: {"c":2,"text":"Credit of Acme is used up"}
--- error_code: 402
--- json
detail: Credit of Acme is used up
message: Credit of Acme is used up
provider:



=== TEST 3: an error status, a code without a row and HEAD
--- upstream_routes eval
{ "/api/status" => { status => 503, body => "<html>" },
  "/api/unknown" => { body => '{"c":"odd_word"}' },
  "/api/head" => { status => 401 } }
--- request eval
["GET /api/status", "GET /api/unknown", "HEAD /api/head"]
--- error_code eval
[503, 502, 401]
--- response_headers eval
["Telephony-Code: PROVIDER_UNAVAILABLE\n$::hidden",
 "Telephony-Code: UNKNOWN\n$::hidden",
 "Telephony-Code: UNAUTHENTICATED\n$::hidden"]
--- response_body_unlike eval
[qr/"provider"|acme/, qr/"provider"|acme|odd_word/, qr/./]



=== TEST 4: a notice has no headers of the vendor
--- upstream_body: {"c":1}
--- response_headers eval
"Telephony-Code: NO_RESULTS\n$::hidden"
--- same



=== TEST 5: observing, too
--- location
telephony_errors_observe on;
--- upstream_body: {"c":2}
--- response_headers eval
"Telephony-Code: INSUFFICIENT_FUNDS\n$::hidden"
--- same



=== TEST 6: what the upstream says in these headers is dropped all the same
--- upstream_headers
Telephony-Provider: forged
Telephony-Provider-Code: forged
--- upstream_body: {"c":2}
--- error_code: 402
--- response_headers eval: $::hidden



=== TEST 7: an error that nginx itself makes
--- config
location /api/ {
    telephony_errors acme;
    telephony_errors_hide_provider on;
    proxy_pass http://127.0.0.1:$TEST_NGINX_DEAD_PORT;
}
--- error_code: 503
--- response_headers eval
"Telephony-Code: PROVIDER_UNAVAILABLE\n$::hidden"
--- json
code: PROVIDER_UNAVAILABLE
provider:



=== TEST 8: an envelope of another gateway keeps its body, without its headers
--- upstream_status: 402
--- upstream_headers
Content-Type: application/problem+json
Telephony-Provider: inner
Telephony-Provider-Code: 17
--- upstream_body: {"code":"INSUFFICIENT_FUNDS","status":402,"provider":{"name":"inner","code":"17"}}
--- error_code: 402
--- response_headers eval
"Content-Type: application/problem+json\nTelephony-Code: INSUFFICIENT_FUNDS\n$::hidden"
--- same



=== TEST 9: an envelope of one's own is what its author says
--- location
telephony_errors_envelope own;
--- upstream_body: {"c":2}
--- error_code: 402
--- response_headers eval: $::hidden
--- response_body chomp
{"who":"acme","code":"2"}



=== TEST 10: variables, logs and counters keep all
--- config
location /api/ {
    telephony_errors acme;
    telephony_errors_hide_provider on;
    add_header X-Told "$telephony_provider/$telephony_provider_code" always;
    access_log logs/access.log told;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
location = /counted {
    telephony_errors_metrics;
}
--- upstream_body: {"c":2,"text":"used up"}
--- request eval
["GET /api/", "GET /counted?format=prometheus"]
--- error_code eval
[402, 200]
--- response_headers eval
["X-Told: acme/2\n$::hidden", ""]
--- response_body_like eval
[qr/"code":"INSUFFICIENT_FUNDS"/,
 qr/^telephony_responses_total\{provider="acme",verdict="error",code="INSUFFICIENT_FUNDS"\} /m]
--- access_log eval
["acme/2/used up/200", "acme/2/used up/200"]



=== TEST 11: off, the default, hides nothing
--- config
location /api/off {
    telephony_errors acme;
    telephony_errors_hide_provider off;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
location /api/unset {
    telephony_errors acme;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
--- upstream_body: {"c":2}
--- request eval
["GET /api/off", "GET /api/unset"]
--- error_code eval
[402, 402]
--- response_headers eval
["Telephony-Provider: acme\nTelephony-Provider-Code: 2",
 "Telephony-Provider: acme\nTelephony-Provider-Code: 2"]
--- response_body_like eval
[qr/"provider":\{"name":"acme"/, qr/"provider":\{"name":"acme"/]



=== TEST 12: it is inherited from http and server, and undone in a location
--- http_config
telephony_errors acme;
telephony_errors_hide_provider on;
--- config
location /api/up {
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
location /api/down {
    telephony_errors_hide_provider off;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
--- upstream_body: {"c":2}
--- request eval
["GET /api/up", "GET /api/down"]
--- error_code eval
[402, 402]
--- response_headers eval
[$::hidden, "Telephony-Provider: acme"]
--- response_body_like eval
[qr/"retryable":false\}\z/, qr/"provider":\{"name":"acme"/]



=== TEST 13: another value is refused
--- config
telephony_errors_hide_provider yes;
--- must_die
--- error_log
invalid value "yes" in "telephony_errors_hide_provider" directive, it must be "on" or "off"



=== TEST 14: given twice is refused
--- config
telephony_errors_hide_provider on;
telephony_errors_hide_provider on;
--- must_die
--- error_log
"telephony_errors_hide_provider" directive is duplicate
