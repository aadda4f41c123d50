# The envelope: members and their order, texts and their bounds, valid JSON.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;
use TelephonyCases;

our $acme = <<'END';
    telephony_catalog acme {
        code      c;
        message   m;
        field     errors[].f  detail=errors[].d  pointer=errors[].p;
        language  en;
        success   ok;
        error     bad   NOT_FOUND  "Not there";
        error     funds INSUFFICIENT_FUNDS;
        error     t     "message=t {a}"  INVALID_PARAMETER  "Bad: {a}";
    }
    telephony_catalog pt {
        code      c;
        message   m;
        error     t     "message=t {field} {detail}"  INVALID_PARAMETER  "Bad {field}: {detail}{detail}";
    }
END

our $pt = 'location /pt/ { telephony_errors pt; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }';

run_tests();

__DATA__

=== TEST 1: all members, in their order, in one line
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    telephony_errors_type_base https://errors.example.com/telephony;
--- upstream_status: 403
--- upstream_body: {"errors":[{"f":"to","d":"too short","p":"/to"},{"f":"from"}],"m":"Gone \"away\"","c":"bad"}
--- request
GET /api/
--- error_code: 404
--- response_body_like chomp
\A\{"type":"https://errors\.example\.com/telephony/not-found","title":"Resource not found","status":404,"detail":"Gone \\"away\\"","instance":"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}","code":"NOT_FOUND","message":"Gone \\"away\\"","category":"NOT_FOUND","retryable":false,"errors":\[\{"field":"to","detail":"too short","pointer":"/to"\},\{"field":"from"\}\],"provider":\{"name":"acme","status":403,"code":"bad","message":"Gone \\"away\\"","match":"exact"\}\}\z



=== TEST 2: without what the vendor does not say
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_status: 500
--- upstream_body:
--- request
GET /api/
--- error_code: 500
--- response_body_like chomp
\A\{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"Internal error at the provider","instance":"urn:uuid:[-0-9a-f]{36}","code":"INTERNAL","message":"Internal error at the provider","category":"INTERNAL","retryable":false,"provider":\{"name":"acme","status":500,"match":"status"\}\}\z



=== TEST 3: the instance is nginx's $request_id
--- catalogs: codes
--- http_config eval
$::acme
--- provider: acme
--- location
    sub_filter_types application/problem+json;
    sub_filter_once off;
    sub_filter '"instance":"urn:uuid:' '"id":"$request_id","instance":"urn:uuid:';
--- upstream_body: {"c":"bad"}
--- request
GET /api/
--- error_code: 404
--- response_body_like chomp
"id":"(.{8})(.{4})(.{4})(.{4})(.{12})","instance":"urn:uuid:\1-\2-\3-\4-\5"



=== TEST 4: the type is about:blank with the reason phrase, or the base and the code in kebab-case, joined by one slash
--- catalogs: codes
--- http_config eval
$::acme . "telephony_errors_type_base https://e.example/a;\n";
--- config
    location /slash/ { telephony_errors acme; telephony_errors_type_base https://e.example/b/; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
    location /two/   { telephony_errors acme; telephony_errors_type_base urn:x//; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
    location /none/  { telephony_errors acme; telephony_errors_type_base ""; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: acme
--- cases
/api/1 200 {"c":"funds"} -> error INSUFFICIENT_FUNDS 402 exact
    type: https://e.example/a/insufficient-funds
    title: Insufficient funds
/slash/1 200 {"c":"funds"} -> error INSUFFICIENT_FUNDS 402 exact
    type: https://e.example/b/insufficient-funds
/two/1 200 {"c":"funds"} -> error INSUFFICIENT_FUNDS 402 exact
    type: urn:x/insufficient-funds
/none/1 200 {"c":"funds"} -> error INSUFFICIENT_FUNDS 402 exact
    type: about:blank
    title: Payment Required
/none/2 418 {} -> error UNKNOWN 418 status no_code
    title: Client Error
/none/3 598 {"c":"x"} -> error INTERNAL 500 status
    title: Internal Server Error
/none/4 422 {"c":"x"} -> error INVALID_PARAMETER 400 status
    title: Bad Request



=== TEST 5: the message is cut at 512 characters, detail and provider.message at 1024 bytes, on character boundaries
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_routes eval
+{ map { ("/api/$_->[0]" => { body => qq({"c":"bad","m":"$_->[1]"}) }) }
   [ ascii => 'a' x 1500 ], [ two => 'a' . "\xd0\xb1" x 700 ],
   [ three => "\xe2\x82\xac" x 700 ], [ four => 'ab' . "\xf0\x9f\x93\x9e" x 700 ],
   [ escaped => '\u20ac' x 700 ], [ quotes => '\"' x 1500 ],
   [ bad => "\xff" x 700 ], [ fits => 'a' x 512 ], [ control => '\u0001' x 1100 ] }
--- request eval
[map { "GET /api/$_" } qw(ascii two three four escaped quotes bad fits control)]
--- error_code eval: [(404) x 9]
--- response_body_filters eval
sub {
    my $json = JSON::PP->new->utf8->decode($_[0]);
    my $of = sub { utf8::encode(my $text = $_[0]); length($_[0]) . '/' . length $text };
    CORE::join ' ', map { $of->($_) } $json->{message}, $json->{detail}, $json->{provider}{message};
}
--- response_body eval
['512/512 1024/1024 1024/1024', '512/1023 512/1023 512/1023', '341/1023 341/1023 341/1023',
 '257/1022 257/1022 257/1022', '341/1023 341/1023 341/1023', '512/512 1024/1024 1024/1024',
 '341/1023 341/1023 341/1023', '512/512 512/512 512/512', '512/512 1024/1024 1024/1024']



=== TEST 6: invalid UTF-8 is judged all the same, and is U+FFFD in the envelope; escapes are written anew
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_routes eval
+{ map { ("/api/$_->[0]" => { body => qq({"c":"bad","m":"$_->[1]"}) }) }
   [ latin => "caf\xe9 x" ], [ overlong => "a\xc0\xafb" ], [ surrogate => "a\xed\xa0\x80b" ],
   [ five => "a\xf8\x88\x80\x80\x80b" ], [ high => "a\xf4\x90\x80\x80b" ], [ cut => "a\xe2\x82" ],
   [ alone => "a\x80b" ], [ plane => 'a\ud83d\ude00b' ], [ lone => 'a\ud83d' ], [ low => 'a\ude00b' ],
   [ nul => 'a\u0000b' ], [ del => "a\x7fb" ], [ slash => 'a\/b\\\\c\"d\b\f\n\r\te' ] }
--- request eval
[map { "GET /api/$_" } qw(latin overlong surrogate five high cut alone plane lone low nul del slash)]
--- error_code eval: [(404) x 13]
--- response_body_like eval
my $f = "\xef\xbf\xbd";
[map { qr/"detail":"\Q$_\E",/ }
 "caf$f x", "a$f${f}b", "a$f$f${f}b", "a$f$f$f$f${f}b", "a$f$f$f${f}b", "a$f$f",
 "a${f}b", "a\xf0\x9f\x98\x80b", "a$f", "a${f}b", 'a\u0000b', 'a\u007fb', 'a/b\\\\c\"d\u0008\u000c\u000a\u000d\u0009e']



=== TEST 7: errors come with a pointer only where one is known, 32 at the most
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_body eval
'{"c":"bad","errors":[' . CORE::join(',', map { qq({"f":"f$_"}) } 0 .. 40) . ']}'
--- request
GET /api/
--- error_code: 404
--- envelope
errors.0.field: f0
errors.0.detail:
errors.0.pointer:
errors.31.field: f31
errors.32:



=== TEST 8: numbers of the vendor are strings, and its text stays in its language
--- catalogs: codes
--- http_config
    telephony_catalog acme { code c; message m; language ru; error 2240 INSUFFICIENT_FUNDS "The balance is used up."; }
--- provider: acme
--- upstream_body: {"c":2240,"m":"Недостаточно средств"}
--- request
GET /api/
--- error_code: 402
--- response_body_like eval
qr/"detail":"The balance is used up\.".*"provider":\{"name":"acme","status":200,"code":"2240","message":"Недостаточно средств","match":"exact"\}\}\z/
--- envelope
detail: The balance is used up.
provider.message: Недостаточно средств






=== TEST 9: captures in sentence, field and detail
--- catalogs: codes
--- http_config eval: $::acme
--- config eval: $::pt
--- provider: acme
--- upstream_routes eval
+{ '/pt/1' => { body => '{"c":"t","m":"t a\\"b c\\u0000d"}' },
   '/pt/3' => { body => '{"c":"t","m":"t x ' . '\\u20ac' x 600 . '"}' } }
--- request eval
['GET /pt/1', 'GET /pt/3']
--- error_code eval: [400, 400]
--- response_body_like eval
[qr/"detail":"Bad a\\"b: c\\u0000dc\\u0000d",.*"errors":\[\{"field":"a\\"b","detail":"c\\u0000d"\}\]/,
 qr/"detail":"Bad x: (?:\xe2\x82\xac){339}",.*"errors":\[\{"field":"x","detail":"(?:\xe2\x82\xac){341}"\}\]/]



=== TEST 10: a code of 256 bytes is kept, a longer one is cut, and judged as unknown
--- catalogs: codes
--- http_config eval
my $long = 'a' x 256;
<<"END"
    telephony_catalog acme { code c; error $long NOT_FOUND; error aa* NO_CHANGES; }
END
--- provider: acme
--- cases_bodies eval
{ fits => '{"c":"' . 'A' x 256 . '"}', long => '{"c":"' . 'a' x 257 . '"}' }
--- cases
200 @fits -> error NOT_FOUND 404 exact
200 @long -> error UNKNOWN 502 none



=== TEST 11: no two envelopes have the same instance
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_body: {"c":"bad"}
--- pipelined_requests eval: [('GET /api/') x 150]
--- error_code eval: [(404) x 150]
--- response_body_filters eval
my %seen;
sub {
    my ($id) = $_[0] =~ /"instance":"urn:uuid:([-0-9a-f]{36})"/;
    $seen{$id // 'none'}++ ? 'again' : 'new';
}
--- response_body eval: [('new') x 150]



=== TEST 12: a $request_id that somebody has asked for before stays
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    set $early $request_id;
    sub_filter_types application/problem+json;
    sub_filter_once off;
    sub_filter '"instance":"urn:uuid:' '"id":"$early","instance":"urn:uuid:';
--- upstream_body: {"c":"bad"}
--- request
GET /api/
--- error_code: 404
--- response_body_like chomp
"id":"(.{8})(.{4})(.{4})(.{4})(.{12})","instance":"urn:uuid:\1-\2-\3-\4-\5"
