# What a hostile vendor, or a hostile client, may try: nothing but the verdict
# follows from it.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;
use TelephonyCases;

our $acme = <<'END';
    telephony_catalog acme {
        code      c;
        message   m;
        field     f[].n  detail=f[].d;
        success   ok;
        error     bad  NOT_FOUND;
        error     slow  "message=*a*a*a*a*a*a*a*a*a*b"  RATE_LIMITED;
        error     slow  "message={q}{w}{e}{r}{t}{z}{u}{i}{o}!"  QUOTA_EXCEEDED;
        error     slow  NO_CHANGES;
        error     *x*x*x*x*x*x*x*x*x*x*y  INTERNAL;
    }
END

run_tests();

__DATA__

=== TEST 1: depth bombs, closed or not, of arrays, objects and both, before and behind the code
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    telephony_errors_window 1m;
    proxy_buffers 16 64k;
--- cases_bodies eval
{ arrays => '[' x 500000, objects => '{"c":' x 100000, both => '[{"c":' x 80000,
  closed => '[' x 1000 . ']' x 1000, behind => '{"c":"bad","x":' . '[' x 500000,
  inside => '{"c":' . '[' x 500000, ends => ']' x 500000 }
--- cases
200 @arrays -> none too_deep
200 @objects -> none too_deep
200 @both -> none too_deep
200 @closed -> none too_deep
200 @inside -> none too_deep
200 @ends -> none not_json
500 @arrays -> error INTERNAL 500 status too_deep
200 @behind -> error NOT_FOUND 404 exact



=== TEST 2: tokens of 1 MiB, as a value, as a key, as a number, as the code itself
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    telephony_errors_window 2m;
    proxy_buffers 16 64k;
--- cases_bodies eval
my $mb = 1 << 20;
{ value => '{"x":"' . 'a' x $mb . '","c":"bad"}',
  escaped => '{"x":"' . '\u0061' x ($mb / 6) . '","c":"bad"}',
  key => '{"' . 'a' x $mb . '":1,"c":"bad"}',
  number => '{"x":' . '1' x $mb . ',"c":"bad"}',
  code => '{"c":"' . 'a' x $mb . '"}',
  code_fits => '{"c":"' . 'a' x 200000 . '"}',
  name => '{"c":"bad","f":[{"n":"' . '\u20ac' x 5000 . '","d":"' . "\xff" x 5000 . '"}]}',
  open => '{"x":"' . 'a' x $mb }
--- cases
200 @value -> none too_large
200 @escaped -> error NOT_FOUND 404 exact
200 @key -> error NOT_FOUND 404 exact
200 @number -> none too_large
200 @code -> none too_large
404 @code -> error NOT_FOUND 404 status too_large
200 @code_fits -> error UNKNOWN 502 none
200 @name -> error NOT_FOUND 404 exact
200 @open -> none truncated



=== TEST 3: 100,000 keys, 100,000 elements, 100,000 duplicates of the code's key
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    telephony_errors_window 4m;
    proxy_buffers 32 128k;
    proxy_busy_buffers_size 256k;
--- cases_bodies eval
{ keys => '{' . CORE::join('', map { qq("k$_":1,) } 1 .. 100000) . '"c":"bad"}',
  same => '{' . '"c":null,' x 100000 . '"c":"bad"}',
  dups => '{"c":"bad"' . ',"c":"ok"' x 100000 . '}',
  fields => '{"c":"bad","f":[' . CORE::join(',', ('{"n":"x"}') x 100000) . ']}',
  some => '{"c":"bad","f":[' . CORE::join(',', ('{"n":"x"}') x 4000) . ']}',
  list => '{"list":[' . CORE::join(',', ('{"c":1}') x 100000) . '],"c":"bad"}' }
--- cases
200 @keys -> error NOT_FOUND 404 exact
200 @same -> none no_code
200 @dups -> error NOT_FOUND 404 exact
200 @fields -> error NOT_FOUND 404 exact
200 @some -> error NOT_FOUND 404 exact
200 @list -> error NOT_FOUND 404 exact



=== TEST 4: a template or a pattern that makes others backtrack for ever is answered like any other
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases_bodies eval
{ stars => '{"c":"slow","m":"' . 'a' x 4000 . '"}',
  names => '{"c":"slow","m":"' . 'x' x 4000 . '"}',
  matches => '{"c":"slow","m":"' . 'a' x 20 . 'b"}',
  code => '{"c":"' . 'x' x 255 . 'z"}', codey => '{"c":"' . 'x' x 255 . 'y"}' }
--- cases
200 @stars -> error NO_CHANGES 409 exact
200 @names -> error NO_CHANGES 409 exact
200 @matches -> error RATE_LIMITED 429 message
200 @code -> error UNKNOWN 502 none
200 @codey -> error INTERNAL 500 pattern



=== TEST 5: however many wildcards, a match is found, a near miss is none, and no byte of the message or of the request is logged
--- catalogs: codes
--- http_config
    telephony_catalog acme { code c; message m; error slow "message=*a*a*a*a*a*a*a*a*a*b*b" RATE_LIMITED; error slow NO_CHANGES; }
--- provider: acme
--- cases_bodies eval
{ miss => '{"c":"slow","m":"' . 'a' x 3000 . 'secret' . 'a' x 90 . 'b"}',
  match => '{"c":"slow","m":"' . 'a' x 3000 . 'secret' . 'a' x 90 . 'bb"}' }
--- cases
/api/?password=secret 200 @miss -> error NO_CHANGES 409 exact
/api/2?password=secret 200 @match -> error RATE_LIMITED 429 message
--- no_error_log eval: [qr/telephony: .*secret/]



=== TEST 6: NUL, CR and LF in codes and texts split no header of the module, and none by variables
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    add_header X-Code "<$telephony_provider_code>" always;
    add_header X-Message "<$telephony_provider_message>" always;
    add_header X-Detail "<$telephony_detail>" always;
--- upstream_routes eval
+{ map { ("/api/$_->[0]" => { body => qq({"c":"$_->[1]","m":"$_->[1]"}) }) }
   [ crlf => 'a\r\nX-Evil: 1' ], [ lf => 'a\nX-Evil: 1' ], [ nul => 'a\u0000\r\nX-Evil: 1' ],
   [ two => 'a\r\n\r\n{}' ], [ raw => "a\x7f\x1b[31m" =~ s/\x1b/\\u001b/r ], [ c1 => 'a\u0085\u2028b' ] }
--- request eval
[map { "GET /api/$_" } qw(crlf lf nul two raw c1)]
--- error_code eval: [(502) x 6]
--- response_headers eval
[map { "!X-Evil\n!Telephony-Provider-Code\nX-Code: <$_>\nX-Message: <$_>\nX-Detail: <Unknown provider error>" }
 'a\u000d\u000aX-Evil: 1', 'a\u000aX-Evil: 1', 'a\u0000\u000d\u000aX-Evil: 1', 'a\u000d\u000a\u000d\u000a{}',
 'a\u007f\u001b[31m', "a\xc2\x85\xe2\x80\xa8b"]



=== TEST 7: raw control characters are no JSON, and so no code
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases_bodies eval
{ crlf => "{\"c\":\"a\r\nX: y\"}", nul => "{\"c\":\"a\0\"}" }
--- cases
200 @crlf -> none not_json
200 @nul -> none not_json
404 @crlf -> error NOT_FOUND 404 status not_json



=== TEST 8: overlong UTF-8 and half surrogates are no codes in disguise
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases_bodies eval
{ overlong => "{\"c\":\"\xc1\xa2ad\"}", overlong_key => "{\"\xc1\xa3\":\"bad\"}",
  three => "{\"c\":\"\xe0\x81\xa2ad\"}" }
--- cases
200 @overlong -> error UNKNOWN 502 none
200 @three -> error UNKNOWN 502 none
200 @overlong_key -> none no_code
200 {"c":"bad\ud800"} -> error UNKNOWN 502 none
200 {"c":"\ud800"} -> error UNKNOWN 502 none
200 {"c":"\udc00bad"} -> error UNKNOWN 502 none
200 {"c":"\ud800\ud800"} -> error UNKNOWN 502 none
200 {"c":"\ud83d\ude00"} -> error UNKNOWN 502 none
    provider.code: 😀
200 {"c":"bad","m":"x\ud800"} -> error NOT_FOUND 404 exact
200 {"c":"bad","m":"x\ud800\\"} -> error NOT_FOUND 404 exact
200 {"c":"bad","m":"x\ud800 -> error NOT_FOUND 404 exact
200 {"c":"bad\ud8"} -> none not_json
200 {"c":"bad\u"} -> none not_json



=== TEST 9: a code with control characters, spaces or 65 bytes is (other) in the error log, once
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    access_log off;
--- cases_bodies eval
{ long => '{"c":"' . 'L' x 65 . '"}' }
--- cases
200 {"c":"a\r\nINJECTED\u001b"} -> error UNKNOWN 502 none
200 {"c":"INJECTED too"} -> error UNKNOWN 502 none
200 {"c":"<INJECTED>"} -> error UNKNOWN 502 none
200 {"c":"\u00e9INJECTED"} -> error UNKNOWN 502 none
200 @long -> error UNKNOWN 502 none
--- no_error_log
INJECTED
LLLLLLLL
--- grep_error_log eval: qr/telephony: unmapped code "[^"]*" of provider "[^"]*"/
--- grep_error_log_out eval
["telephony: unmapped code \"(other)\" of provider \"acme\"\n", '']



=== TEST 10: an unmapped code is logged once a worker, with what to do
--- catalogs: codes
--- http_config eval
$::acme . <<'END'
    telephony_catalog second { code c; success 1x; error 1 NOT_FOUND; }
END
--- config
    location /second/ { telephony_errors second; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: acme
--- cases
200 {"c":"new-1"} -> error UNKNOWN 502 none
200 {"c":"new-1"} -> error UNKNOWN 502 none
404 {"c":"new-1"} -> error NOT_FOUND 404 status
200 {"c":"new_2"} -> error UNKNOWN 502 none
200 {"c":"bad"} -> error NOT_FOUND 404 exact
200 <html> -> none not_json
404 <html> -> error NOT_FOUND 404 status not_json
/second/1 200 {"c":"new-1"} -> error UNKNOWN 502 none
/second/2 200 {"c":"11"} -> success OK 200 class
/second/3 200 {"c":"11"} -> success OK 200 class
--- grep_error_log eval: qr/telephony: unmapped code .*?telephony_catalog/
--- grep_error_log_out eval
['telephony: unmapped code "new-1" of provider "acme" with HTTP status 200, judged UNKNOWN by match "none"; add a row for it to its telephony_catalog
telephony: unmapped code "new_2" of provider "acme" with HTTP status 200, judged UNKNOWN by match "none"; add a row for it to its telephony_catalog
telephony: unmapped code "new-1" of provider "second" with HTTP status 200, judged UNKNOWN by match "none"; add a row for it to its telephony_catalog
telephony: unmapped code "11" of provider "second" with HTTP status 200, judged OK by match "class"; add a row for it to its telephony_catalog
', '']



=== TEST 11: of more than 256 unmapped codes only one last line tells
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases eval
CORE::join '', map { qq(200 {"c":"new-$_"} -> error UNKNOWN 502 none\n) } 1 .. 300
--- grep_error_log eval: qr/unmapped code "new-25[5-9]"|more than \d+ unmapped codes, further ones are not logged by this worker/
--- grep_error_log_out eval
['unmapped code "new-255"
unmapped code "new-256"
more than 256 unmapped codes, further ones are not logged by this worker
', '']



=== TEST 12: the request line of the upstream call is in no header, no body and no line of the module
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- config
    location /back/ {
        telephony_errors acme;
        add_header V "$telephony_verdict $telephony_code $telephony_detail $telephony_provider_code $telephony_provider_message $telephony_rule" always;
        proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT/?api_password=SECRET&;
    }
--- upstream_body: {"c":"new"}
--- request
GET /back/
--- error_code: 502
--- response_headers_like
V: error UNKNOWN Unknown provider error new {2}\S*
--- response_body_unlike: SECRET
--- raw_response_headers_unlike: SECRET
--- no_error_log eval: [qr/telephony: .*SECRET/]



=== TEST 13: nginx itself logs the request at warn and above: the module adds no line at those levels
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- log_level: warn
--- upstream_body: {"c":"new"}
--- request
GET /api/?api_password=SECRET
--- error_code: 502
--- no_error_log
SECRET
telephony



=== TEST 14: a code that rows know for another scope or message only is told as such, a good one under an error status is not told
--- catalogs: codes
--- http_config
    telephony_catalog acme { code c; message m; scope $arg_s; error 1 scope=a NOT_FOUND; error 2 "message=x" NOT_FOUND; success 3; }
--- provider: acme
--- cases
200 {"c":1} -> error UNKNOWN 502 none
200 {"c":2,"m":"y"} -> error UNKNOWN 502 none
500 {"c":3} -> error INTERNAL 500 status
--- grep_error_log eval: qr/telephony: .*?telephony_catalog/
--- grep_error_log_out eval
['telephony: partly mapped code "1" of provider "acme" with HTTP status 200, judged UNKNOWN by match "none"; its rows are only for another scope or message: add one for this to its telephony_catalog
telephony: partly mapped code "2" of provider "acme" with HTTP status 200, judged UNKNOWN by match "none"; its rows are only for another scope or message: add one for this to its telephony_catalog
', '']
