# telephony_envelope and telephony_errors_envelope: bodies of the operator's
# own shape, valid JSON whatever the values hold.

use lib 't/lib';
use TelephonyTest;

# "own" is the block of an envelope that location /api/ sends

add_block_preprocessor(sub {
    my ($block) = @_;

    my $own = $block->own;

    if (defined $own) {
        my $type = $block->type // 'application/json';

        $block->set_value('http_config', ($block->http_config // '') . <<"END");
    telephony_envelope own $type {
        $own
    }
END
        $block->set_value('location', ($block->location // '')
                                      . 'telephony_errors_envelope own;')
            unless defined $block->config || defined $block->must_die;

        $block->set_value('provider', 'voipms')
            unless defined $block->provider || defined $block->config;

        $block->set_value('upstream_body', '{"status":"invalid_id"}')
            unless defined $block->upstream_body;

        $block->set_value('request', 'GET /api/')
            unless defined $block->request;

        $block->set_value('error_code', 400)
            unless defined $block->error_code || defined $block->must_die;
    }

    $block->set_value('catalogs', 'codes voipms voipnow')
        unless defined $block->catalogs;
});

run_tests();

__DATA__

=== TEST 1: the shape that VoipNow clients read already
--- http_config
telephony_envelope as_voipnow application/json {
    error.code     $telephony_code;
    error.message  $telephony_detail;
}
--- provider: voipnow
--- location
telephony_errors_envelope as_voipnow;
--- upstream_status: 400
--- upstream_body: {"error":{"code":"user_invalid","message":"The user Id in the request is invalid."}}
--- request
GET /api/
--- error_code: 400
--- response_headers
Content-Type: application/json
Content-Length: 89
Cache-Control: no-store
Telephony-Code: INVALID_PARAMETER
Telephony-Provider-Code: user_invalid
--- response_body chomp
{"error":{"code":"INVALID_PARAMETER","message":"The user Id in the request is invalid."}}



=== TEST 2: texts, numbers and booleans come as what they are
--- own
code               $telephony_code;
status:number      $telephony_status;
retry:boolean      $telephony_retryable;
category:string    $telephony_category;
was.status:number  $telephony_provider_status;
was.code           $telephony_provider_code;
--- response_body chomp
{"code":"INVALID_PARAMETER","status":400,"retry":false,"category":"INVALID_ARGUMENT","was":{"status":200,"code":"invalid_id"}}



=== TEST 3: members of one object stand together, in the order of their first
--- own
a.b  1;
c    2;
a.d  3;
a.e.f  4;
a.e.g  5;
--- response_body chomp
{"a":{"b":"1","d":"3","e":{"f":"4","g":"5"}},"c":"2"}



=== TEST 4: constants, and texts around variables
--- own
text         "an error: ${telephony_code}!";
n:number     -1.5e+3;
yes:boolean  true;
no:boolean   false;
nil:number   null;
empty        "";
--- response_body chomp
{"text":"an error: INVALID_PARAMETER!","n":-1.5e+3,"yes":true,"no":false,"nil":null,"empty":""}



=== TEST 5: eight levels, and names of any language
--- own
a.b.c.d.e.f.g.h  1;
ошибка.код       $telephony_code;
"two words-x"    2;
"$name"          3;
--- response_body chomp
{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":"1"}}}}}}},"ошибка":{"код":"INVALID_PARAMETER"},"two words-x":"2","$name":"3"}



=== TEST 6: a vendor's text cannot break out of its string
--- own
message  $telephony_provider_message;
code     $telephony_provider_code;
--- provider: voipnow
--- upstream_status: 400
--- upstream_body eval
'{"error":{"code":"a\"}b\\\\","message":"q\" b\\\\ c\r\n\u0000 t\t \u2028 </script> \ud83d\ude00 ' . "\xff\"}}"
--- response_body_like eval
qr{\A\{"message":"q\\" b\\\\ c\\\\u000d\\\\u000a\\\\u0000 t\\\\u0009 \xe2\x80\xa8 </script> \xf0\x9f\x98\x80 \xef\xbf\xbd","code":"a\\"\}b\\\\"\}\z}
--- json
code: a"}b\



=== TEST 7: a client's text cannot break out of its string
--- own
agent  $http_x_text;
uri    $uri;
--- request
GET /api/%22,%22x%22:%22%0d%0a%01%5c
--- more_headers eval
"X-Text: \"},\\ \t\x7f\xc3\x28\xf0"
--- response_body eval
"{\"agent\":\"\\\"},\\\\ \\u0009\\u007f\xef\xbf\xbd(\xef\xbf\xbd\","
. "\"uri\":\"/api/\\\",\\\"x\\\":\\\"\\u000d\\u000a\\u0001\\\\\"}"



=== TEST 8: what is no JSON number is null
--- own
n:number $arg_n;
--- request eval
[map { "GET /api/?n=$_" } "", "abc", "012", "1.", ".5", "+1", "1e", "0x10", "-",
                          "NaN", "1,\"x\":2", "1%20", "true"]
--- error_code eval
[(400) x 13]
--- response_body eval
[('{"n":null}') x 13]



=== TEST 9: what is a JSON number is written as it stands
--- own
n:number $arg_n;
--- request eval
[map { "GET /api/?n=$_" } "0", "-0", "402", "1.50", "-1.5e-3", "2E+10",
                          "123456789012345678901234567890"]
--- error_code eval
[(400) x 7]
--- response_body eval
[map { "{\"n\":$_}" } "0", "-0", "402", "1.50", "-1.5e-3", "2E+10",
                      "123456789012345678901234567890"]



=== TEST 10: only true and false are booleans
--- own
b:boolean $arg_b;
--- request eval
[map { "GET /api/?b=$_" } "true", "false", "", "True", "1", "on", "truex"]
--- error_code eval
[(400) x 7]
--- response_body eval
['{"b":true}', '{"b":false}', ('{"b":null}') x 5]



=== TEST 11: a variable that is not set is an empty text
--- own
reason  $telephony_reason;
message $telephony_provider_message;
--- response_body chomp
{"reason":"","message":""}



=== TEST 12: the media type is sent as given
--- type: "application/vnd.example+json; charset=utf-8"
--- own
code $telephony_code;
--- response_headers
Content-Type: application/vnd.example+json; charset=utf-8
--- response_body chomp
{"code":"INVALID_PARAMETER"}



=== TEST 13: nginx's charset does not touch the body
--- location
charset utf-8;
--- own
text "é $telephony_code";
--- response_headers
Content-Type: application/json
--- response_body chomp
{"text":"é INVALID_PARAMETER"}



=== TEST 14: a compressed answer of the vendor is replaced by a plain one
--- upstream_gzip: 1
--- own
code $telephony_code;
--- response_headers
! Content-Encoding
Content-Length: 28
--- response_body chomp
{"code":"INVALID_PARAMETER"}



=== TEST 15: nginx compresses it where it compresses JSON
--- upstream_status: 404
--- upstream_body: {}
--- error_code: 404
--- location
gzip on;
gzip_min_length 1;
gzip_types application/json;
--- own
code $telephony_code;
--- more_headers
Accept-Encoding: gzip
--- response_headers
Content-Encoding: gzip



=== TEST 16: the parameters of its type do not count there
--- upstream_status: 404
--- upstream_body: {}
--- error_code: 404
--- location
gzip on;
gzip_min_length 1;
gzip_types application/json;
--- type: "application/json; charset=utf-8"
--- own
code $telephony_code;
--- more_headers
Accept-Encoding: gzip
--- response_headers
Content-Encoding: gzip
Content-Type: application/json; charset=utf-8



=== TEST 17: HEAD gets the header without a body
--- own
code $telephony_code;
--- request
HEAD /api/
--- upstream_status: 404
--- error_code: 404
--- response_headers
Content-Type: application/json
! Content-Length
Telephony-Code: NOT_FOUND
--- response_body



=== TEST 18: a good answer and a notice pass as they came
--- own
code $telephony_code;
--- request eval
["GET /api/good", "GET /api/list"]
--- upstream_routes eval
{ "/api/good" => { body => '{"status":"success"}' },
  "/api/list" => { body => '{"status":"no_sms"}' } }
--- error_code eval
[200, 200]
--- response_body eval
['{"status":"success"}', '{"status":"no_sms"}']
--- response_headers eval
["!Telephony-Code", "Telephony-Code: NO_RESULTS"]



=== TEST 19: an error of the gateway itself has no status of the vendor
--- own
code                   $telephony_code;
reason                 $telephony_reason;
vendor_status:number   $telephony_provider_status;
--- config
location /api/ {
    telephony_errors voipms;
    telephony_errors_envelope own;
    proxy_pass http://127.0.0.1:$TEST_NGINX_DEAD_PORT;
}
--- error_code: 503
--- response_headers
Content-Type: application/json
--- response_body chomp
{"code":"PROVIDER_UNAVAILABLE","reason":"generated","vendor_status":null}
--- error_log: connect() failed



=== TEST 20: the envelope is inherited, and "problem" is the built-in one again
--- http_config
telephony_envelope one application/json { code $telephony_code; }
telephony_envelope two application/json { c $telephony_code; }
telephony_errors_envelope one;
--- config
telephony_errors voipms;

location /api/one {
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}

location /api/two {
    telephony_errors_envelope two;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}

location /api/problem {
    telephony_errors_envelope problem;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
--- upstream_body: {"status":"invalid_id"}
--- request eval
["GET /api/one", "GET /api/two", "GET /api/problem"]
--- error_code eval
[400, 400, 400]
--- response_headers eval
["Content-Type: application/json", "Content-Type: application/json",
 "Content-Type: application/problem+json"]
--- response_body_like eval
[qr/\A\{"code":"INVALID_PARAMETER"\}\z/, qr/\A\{"c":"INVALID_PARAMETER"\}\z/,
 qr/"provider":\{"name":"voipms"/]



=== TEST 21: an envelope may be used before it is defined
--- http_config
telephony_errors_envelope later;
telephony_envelope later application/json { code $telephony_code; }
--- provider: voipms
--- upstream_body: {"status":"invalid_id"}
--- request
GET /api/
--- error_code: 400
--- response_body chomp
{"code":"INVALID_PARAMETER"}



=== TEST 22: members may come from a file
--- http_config
telephony_envelope own application/json {
    a     1;
    include $TEST_NGINX_SERVROOT/html/members.inc;
    z     2;
}
--- user_files
>>> members.inc
error.code    $telephony_code;
error.status:number  $telephony_status;
--- provider: voipms
--- location
telephony_errors_envelope own;
--- upstream_body: {"status":"invalid_id"}
--- request
GET /api/
--- error_code: 400
--- response_body chomp
{"a":"1","error":{"code":"INVALID_PARAMETER","status":400},"z":"2"}



=== TEST 23: a map on the unified code
--- http_config
map $telephony_code $old_code {
    volatile;
    INVALID_PARAMETER  1001;
    default            1000;
}
--- own
error:number $old_code;
--- response_body chomp
{"error":1001}



=== TEST 24: a regex in a value does not change $1 of the operator
--- http_config
map $telephony_code $first {
    volatile;
    ~^([A-Z]+)_  $1;
}
--- own
first $first;
--- config
location ~ ^/api/(\w+)/(\w+)$ {
    telephony_errors voipms;
    telephony_errors_envelope own;
    add_header X-Captured "$1 $2" always;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
--- request
GET /api/left/right
--- response_headers
X-Captured: left right
--- response_body chomp
{"first":"INVALID"}



=== TEST 25: a long value
--- own
a $http_x_long;
b $http_x_long;
--- more_headers eval
"X-Long: " . "\"" x 6000
--- response_body_like eval
'\A\{"a":"(?:\\\\"){6000}","b":"(?:\\\\"){6000}"\}\z'



=== TEST 26: several of them, and a client that keeps its connection
--- own
code $telephony_code;
--- pipelined_requests eval
["GET /api/", "GET /api/", "GET /api/"]
--- error_code eval
[400, 400, 400]
--- response_body eval
[('{"code":"INVALID_PARAMETER"}') x 3]



=== TEST 27: observing never sends it
--- location
telephony_errors_observe on;
--- own
code $telephony_code;
--- error_code: 200
--- response_body chomp
{"status":"invalid_id"}



=== TEST 28: an unknown JSON type is refused
--- own
error.status:integer $telephony_status;
--- must_die
--- error_log eval
qr/\[emerg\] .*unknown JSON type "integer" in "error.status:integer" of telephony_envelope, use string, number or boolean in \S+nginx\.conf:\d+$/



=== TEST 29: a colon without a type is refused
--- own
error.status: $telephony_status;
--- must_die
--- error_log
unknown JSON type "" in "error.status:"



=== TEST 30: a member that is given twice is refused
--- own
error.code $telephony_code;
error.code:number 1;
--- must_die
--- error_log eval
qr/\[emerg\] .*member "error.code" of telephony_envelope "own" is given twice, or as an object and as a value in \S+nginx\.conf:\d+$/



=== TEST 31: a value that is to be an object, too, is refused
--- own
error $telephony_code;
error.code $telephony_code;
--- must_die
--- error_log
member "error.code" of telephony_envelope "own" is given twice, or as an object and as a value



=== TEST 32: an object that is to be a value, too, is refused
--- own
error.code $telephony_code;
error $telephony_code;
--- must_die
--- error_log
member "error" of telephony_envelope "own" is given twice, or as an object and as a value



=== TEST 33: a path with an empty name is refused
--- own
error..code $telephony_code;
--- must_die
--- error_log
member "error..code" of telephony_envelope "own" has an empty name



=== TEST 34: a path of nothing but a type is refused
--- own
:number 1;
--- must_die
--- error_log
member "" of telephony_envelope "own" has an empty name



=== TEST 35: a ninth level is refused
--- own
a.b.c.d.e.f.g.h.i 1;
--- must_die
--- error_log
member "a.b.c.d.e.f.g.h.i" of telephony_envelope "own" is too deep; eight levels are the most



=== TEST 36: a name that JSON would escape is refused
--- own
'a"b' 1;
--- must_die
--- error_log
of telephony_envelope "own" has a character that JSON would escape



=== TEST 37: a constant that is no number is refused
--- own
n:number 012;
--- must_die
--- error_log eval
qr/\[emerg\] .*"012" in telephony_envelope is no JSON number: correct it, or make the member a string in \S+nginx\.conf:\d+$/



=== TEST 38: a constant that is no boolean is refused
--- own
b:boolean on;
--- must_die
--- error_log
"on" in telephony_envelope is no JSON boolean: correct it, or make the member a string



=== TEST 39: an empty envelope is refused
--- http_config
telephony_envelope empty application/json { }
--- config
--- must_die
--- error_log eval
qr/\[emerg\] .*telephony_envelope "empty" is empty: give it members, as in "error.code \$telephony_code;" in \S+nginx\.conf:\d+$/



=== TEST 40: a second envelope of the name is refused, and the first is named
--- http_config
telephony_envelope twice application/json { a 1; }
telephony_envelope twice application/json { b 1; }
--- config
--- must_die
--- error_log eval
qr/\[emerg\] .*telephony_envelope "twice" is given already, in \S+nginx\.conf:\d+: choose another name in \S+nginx\.conf:\d+$/



=== TEST 41: the name of the built-in envelope is refused
--- http_config
telephony_envelope problem application/json { a 1; }
--- config
--- must_die
--- error_log
invalid name "problem" of telephony_envelope: choose another, "problem" is the built-in one



=== TEST 42: an empty name is refused
--- http_config
telephony_envelope "" application/json { a 1; }
--- config
--- must_die
--- error_log
invalid name "" of telephony_envelope



=== TEST 43: a type without a subtype is refused
--- type: json
--- own
a 1;
--- must_die
--- error_log
invalid type of telephony_envelope "own": use a media type such as application/json



=== TEST 44: a type with an empty half is refused
--- type: "application/;charset=utf-8"
--- own
a 1;
--- must_die
--- error_log
invalid type of telephony_envelope "own"



=== TEST 45: a type that begins with a slash is refused
--- type: /json
--- own
a 1;
--- must_die
--- error_log
invalid type of telephony_envelope "own"



=== TEST 46: a type of three parts is refused
--- type: a/b/c
--- own
a 1;
--- must_die
--- error_log
invalid type of telephony_envelope "own"



=== TEST 47: an empty type is refused
--- type: ""
--- own
a 1;
--- must_die
--- error_log
invalid type of telephony_envelope "own"



=== TEST 48: a type that would add a header field is refused
--- type: "application/json\r\nSet-Cookie: a=b"
--- own
a 1;
--- must_die
--- error_log
invalid type of telephony_envelope "own"



=== TEST 49: a type with a line break in a parameter is refused
--- type: "application/json; charset=utf-8\r\nSet-Cookie: a=b"
--- own
a 1;
--- must_die
--- error_log
invalid type of telephony_envelope "own"



=== TEST 50: a member without a value is refused
--- own
error.code;
--- must_die
--- error_log eval
qr/\[emerg\] .*wrong number of arguments in telephony_envelope, expected: member\[:string\|:number\|:boolean\] value; quote a value with spaces in \S+nginx\.conf:\d+$/



=== TEST 51: a value with spaces that is not quoted is refused
--- own
error.code an error;
--- must_die
--- error_log
wrong number of arguments in telephony_envelope



=== TEST 52: an unknown variable is refused
--- own
error.code $telephony_cod;
--- must_die
--- error_log
unknown "telephony_cod" variable



=== TEST 53: a block in the block is refused
--- own
error {
    code $telephony_code;
}
--- must_die
--- error_log
unexpected "{"



=== TEST 54: a missing file is refused
--- own
include /nonexistent/members;
--- must_die
--- error_log
open() "/nonexistent/members" failed



=== TEST 55: a location that names an unknown envelope is refused
--- http_config
telephony_envelope own application/json { a 1; }
--- config
location /api/ {
    telephony_errors voipms;
    telephony_errors_envelope won;
    proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
}
--- must_die
--- error_log eval
qr/\[emerg\] .*unknown envelope "won": define it with telephony_envelope, or use "problem" in \S+nginx\.conf:\d+$/



=== TEST 56: two envelopes in one location are refused
--- config
telephony_errors_envelope problem;
telephony_errors_envelope problem;
--- must_die
--- error_log
"telephony_errors_envelope" directive is duplicate



=== TEST 57: an envelope outside of http is refused
--- config
telephony_envelope own application/json { a 1; }
--- must_die
--- error_log
"telephony_envelope" directive is not allowed here



=== TEST 58: an envelope without a type is refused
--- http_config
telephony_envelope own { a 1; }
--- config
--- must_die
--- error_log
invalid number of arguments in "telephony_envelope" directive
