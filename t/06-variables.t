# The variables: in the log, in add_header, in maps.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;

# one line for every variable, into the error log of the test as it were: the
# access log is a file beside it

our $format = <<'END';
    log_format telephony '$uri v=$telephony_verdict r=$telephony_reason '
        'c=$telephony_code cat=$telephony_category s=$telephony_status '
        'ry=$telephony_retryable d=$telephony_detail p=$telephony_provider '
        'pc=$telephony_provider_code pm=$telephony_provider_message '
        'ps=$telephony_provider_status m=$telephony_match '
        'ru=$telephony_rule st=$status';
    access_log logs/access.log telephony;
END

our $acme = <<'END';
    telephony_catalog acme {
        code     c;
        message  m;
        success  ok 1x;
        notice   none  NO_RESULTS;
        notice   ended CALL_ENDED;
        error    bad   NOT_FOUND  "Not there";
        error    busy  RATE_LIMITED;
    }
END

our $routes = {
    '/api/bad'   => { body => '{"c":"bad","m":"it is \"gone\""}' },
    '/api/busy'  => { body => '{"c":"busy"}' },
    '/api/none'  => { body => '{"c":"none","m":"nothing"}' },
    '/api/ended' => { body => '{"c":"ended"}' },
    '/api/ok'    => { body => '{"c":"ok","m":"fine"}' },
    '/api/12'    => { body => '{"c":12}' },
    '/api/html'  => { body => '<html>' },
    '/api/503'   => { body => '<html>', status => 503 },
    '/api/what'  => { body => '{"c":"what"}' },
    '/api/204'   => { status => 204 },
};

our @ask = map { "GET /api/$_" } qw(bad busy none ended ok 12 html 503 what);

run_tests();

__DATA__

=== TEST 1: every variable in add_header always, also when nothing was rewritten
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    add_header V "$telephony_verdict|$telephony_reason|$telephony_code|$telephony_category|$telephony_status|$telephony_retryable|$telephony_detail|$telephony_provider|$telephony_provider_code|$telephony_provider_message|$telephony_provider_status|$telephony_match" always;
--- upstream_routes eval: $::routes
--- request eval: \@::ask
--- error_code eval: [404, 429, 200, 200, 200, 200, 200, 503, 502]
--- response_headers eval
["V: error||NOT_FOUND|NOT_FOUND|404|false|Not there|acme|bad|it is \"gone\"|200|exact",
 "V: error||RATE_LIMITED|RATE_LIMITED|429|true|Too many requests|acme|busy||200|exact",
 "V: notice||NO_RESULTS|NOT_FOUND|200|false|No matching entries|acme|none|nothing|200|exact",
 "V: notice||CALL_ENDED||200|false|Call ended normally|acme|ended||200|exact",
 "V: success||OK||200|false||acme|ok||200|exact",
 "V: success||OK||200|false||acme|12||200|class",
 "V: none|not_json||||||acme|||200|",
 "V: error|not_json|PROVIDER_UNAVAILABLE|UNAVAILABLE|503|true|Provider unavailable|acme|||503|status",
 "V: error||UNKNOWN|UNKNOWN|502|false|Unknown provider error|acme|what||200|none"]



=== TEST 2: every variable in the access log, of an error
--- catalogs: codes
--- http_config eval: $::format . $::acme
--- provider: acme
--- upstream_routes eval: $::routes
--- request
GET /api/bad
--- error_code: 404
--- access_log eval
qr{^/api/bad v=error r=- c=NOT_FOUND cat=NOT_FOUND s=404 ry=false d=Not there p=acme pc=bad pm=it is \\x22gone\\x22 ps=200 m=exact ru=\S+nginx\.conf:\d+ st=404$}m



=== TEST 3: every variable in the access log, of a success
--- catalogs: codes
--- http_config eval: $::format . $::acme
--- provider: acme
--- upstream_routes eval: $::routes
--- request
GET /api/ok
--- error_code: 200
--- access_log eval
qr{^/api/ok v=success r=- c=OK cat=- s=200 ry=false d=- p=acme pc=ok pm=- ps=200 m=exact ru=\S+nginx\.conf:\d+ st=200$}m



=== TEST 4: every variable in the access log, of none
--- catalogs: codes
--- http_config eval: $::format . $::acme
--- provider: acme
--- upstream_routes eval: $::routes
--- request
GET /api/html
--- error_code: 200
--- access_log eval
qr{^/api/html v=none r=not_json c=- cat=- s=- ry=- d=- p=acme pc=- pm=- ps=200 m=- ru=- st=200$}m



=== TEST 5: every variable in the access log, of an error by its status
--- catalogs: codes
--- http_config eval: $::format . $::acme
--- provider: acme
--- upstream_routes eval: $::routes
--- request
GET /api/503
--- error_code: 503
--- access_log eval
qr{^/api/503 v=error r=not_json c=PROVIDER_UNAVAILABLE cat=UNAVAILABLE s=503 ry=true d=Provider unavailable p=acme pc=- pm=- ps=503 m=status ru=\S+codes\.conf:\d+ st=503$}m



=== TEST 6: no variable in the access log without the module
--- catalogs: codes
--- http_config eval: $::format . $::acme
--- provider: acme
--- upstream_routes eval: $::routes
--- request
GET /plain/bad
--- access_log eval
qr{^/api/bad v=- r=- c=- cat=- s=- ry=- d=- p=- pc=- pm=- ps=- m=- ru=- st=200$}m



=== TEST 7: no verdict, no variables: off, and answers that are not judged
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- config
    location /off/ {
        telephony_errors off;
        add_header V "[$telephony_verdict$telephony_reason$telephony_provider$telephony_code]" always;
        proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT/api/;
    }
    location /own/ {
        telephony_errors acme;
        add_header V "[$telephony_verdict$telephony_reason$telephony_provider$telephony_code]" always;
        return 404 "{\"c\":\"bad\"}";
    }
--- location
    add_header V "[$telephony_verdict$telephony_reason$telephony_provider$telephony_code]" always;
--- upstream_routes eval: $::routes
--- request eval
['GET /off/bad', 'GET /own/', 'GET /api/204']
--- error_code eval: [200, 404, 204]
--- response_headers eval
['V: []', 'V: []', 'V: []']



=== TEST 8: a map of a variable, read at the verdict; volatile where something reads it before
--- catalogs: codes
--- http_config eval
$::acme . <<'END'
    map $telephony_code $late {
        NOT_FOUND  gone;
        OK         good;
        default    other;
    }
    map $telephony_category $again {
        volatile;
        NOT_FOUND  gone;
        ""         early;
        default    other;
    }
    map $telephony_retryable $loggable { true 1; default 0; }
END
--- provider: acme
--- location
    set $before $again;
    add_header V "$late $before $again" always;
--- upstream_routes eval: $::routes
--- request eval
['GET /api/bad', 'GET /api/ok', 'GET /api/busy']
--- error_code eval: [404, 200, 429]
--- response_headers eval
['V: gone early gone', 'V: good early early', 'V: other early other']



=== TEST 9: a map with regular expressions that the module evaluates changes no $1 of the operator
--- catalogs: codes
--- http_config
    map $uri $provider { ~^/api/([a-z]+)/(.*)  $1; default off; }
    map $arg_s $scope { ~^(.)(?<named>.*)$ "$1$named"; default ""; }
    map $uri $observe { ~^/(a)(p)(i)/  off; default on; }
    telephony_catalog acme {
        code   c;
        scope  $scope;
        error  bad  NOT_FOUND;
        error  bad  scope=xyz  NO_CHANGES;
    }
--- config
    location ~ ^/(api)/(acme)/(.*)$ {
        telephony_errors $provider;
        telephony_errors_observe $observe;
        proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
        add_header V "$1 $2 $3" always;
    }
--- upstream_body: {"c":"bad"}
--- request eval
['GET /api/acme/a?s=xyz', 'GET /api/acme/b']
--- error_code eval: [409, 404]
--- response_headers eval
['V: api acme a', 'V: api acme b']



=== TEST 10: codes and texts of the vendor are escaped and bounded in the variables
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    add_header C $telephony_provider_code always;
    add_header M $telephony_provider_message always;
    add_header D $telephony_detail always;
--- upstream_routes eval
{ '/api/1' => { body => qq({"c":"a\\r\\nX: y\\u0000\\u007f\\u00e9","m":"one\\ntwo \\"\\\\ \xff"}) },
  '/api/2' => { body => '{"c":"' . 'a' x 300 . '","m":"' . 'b' x 2000 . '"}' },
  '/api/3' => { body => '{"c":"' . '\u0431' x 200 . '","m":"a' . '\u20ac' x 500 . '"}' } }
--- request eval
['GET /api/1', 'GET /api/2', 'GET /api/3']
--- error_code eval: [502, 502, 502]
--- response_headers eval
["C: a\\u000d\\u000aX: y\\u0000\\u007f\xc3\xa9\r\nM: one\\u000atwo \"\\ \xef\xbf\xbd\r\n!X",
 'C: ' . 'a' x 256 . "\r\nM: " . 'b' x 1024,
 'C: ' . "\xd0\xb1" x 128 . "\r\nM: a" . "\xe2\x82\xac" x 341]



=== TEST 11: with observe on $telephony_status is what would have been sent
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    telephony_errors_observe on;
    add_header V "$status $telephony_status $telephony_verdict" always;
--- upstream_routes eval: $::routes
--- request
GET /api/bad
--- response_headers
V: 200 404 error
--- response_body chomp
{"c":"bad","m":"it is \"gone\""}
