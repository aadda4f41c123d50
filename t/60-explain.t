# telephony_errors_explain: what would be concluded about a posted answer, and
# why.

use lib 't/lib';
use TelephonyTest;

our $catalog = <<'END';
    telephony_catalog vendor {
        code      status items[].status;
        message   text items[].text;
        field     errors[].name  detail=errors[].why  pointer=errors[].at;
        alias     11 BAD_VALUE;
        scope     $arg_scope;
        nocode    0;
        success   ok 1xxx;
        notice    busy  DESTINATION_BUSY  "The line is busy";
        error     BAD_VALUE  scope=line  "message=line {field} is taken"
                  ALREADY_EXISTS  "Line {field} exists already";
        error     BAD_VALUE  status=5xx  INTERNAL;
        error     BAD_VALUE  scope=trunk  status=409  RESOURCE_IN_USE;
        error     BAD_VALUE  INVALID_PARAMETER  "The value is not accepted";
        error     down       PROVIDER_UNAVAILABLE;
        error     221x       QUOTA_EXCEEDED;
        error     missing_*  MISSING_PARAMETER;
        status    405        INVALID_PARAMETER;
        repeatable GET;
    }
END

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('catalogs', 'codes') unless defined $block->catalogs;
    $block->set_value('http_config', $catalog . ($block->http_config // ''))
        if $block->catalogs eq 'codes';

    my $more = $block->explain // '';

    $block->set_value('config', <<"END") unless defined $block->config;
        location = /explain {
            telephony_errors_explain vendor;
            $more
        }
END
});

run_tests();

__DATA__

=== TEST 1: an error is told by the names of the variables, with its row
--- request
POST /explain?status=405&scope=line
{"status":11,"text":"Line 4001 is taken"}
--- response_headers
Content-Type: application/json
Cache-Control: no-store
--- json
verdict: error
reason:
code: ALREADY_EXISTS
category: CONFLICT
status: 409
retryable: false
detail: Line 4001 exists already
provider: vendor
provider_code: BAD_VALUE
provider_message: Line 4001 is taken
provider_status: 405
match: message
errors.#: 1
errors.0.field: 4001
scope: line
method: GET
window: 8192
size: 41
cut: false
--- response_body_like: (?m)^  "rule": "/\S+/nginx\.conf:\d+",$



=== TEST 2: what was read at which path is told
--- request
POST /explain?status=400
{"status":11,"text":"no","errors":[{"name":"to","why":"bad"},{"at":"/x","name":7}]}
--- json
values.#: 6
values.0.path: status
values.0.use: code
values.0.type: number
values.0.text: 11
values.0.element:
values.1.path: text
values.1.use: message
values.1.type: string
values.2.path: errors[].name
values.2.element: 0
values.2.use: field
values.4.path: errors[].at
values.4.element: 1
values.5.type: number
errors.0.field: to
errors.0.detail: bad
errors.1.field: 7
errors.1.pointer: /x



=== TEST 3: the rows that were tried before are told, with what they ask for
--- request
POST /explain?status=400
{"status":"bad_value","text":"no"}
--- json
code: INVALID_PARAMETER
match: exact
tried.#: 3
tried.0.verdict: error
tried.0.code: ALREADY_EXISTS
tried.0.match: exact
tried.0.scope: line
tried.0.message: line {field} is taken
tried.1.code: RESOURCE_IN_USE
tried.1.scope: trunk
tried.1.status: 409
tried.2.code: INTERNAL
tried.2.status: 5xx
--- response_body_like: (?m)^    \{"rule": "/\S+/nginx\.conf:\d+", "verdict"



=== TEST 4: the status is 200 unless given
--- request
POST /explain
{"status":"down"}
--- json
verdict: error
provider_status: 200
code: PROVIDER_UNAVAILABLE
status: 503



=== TEST 5: a success
--- request
POST /explain
{"status":"OK"}
--- json
verdict: success
code: OK
status: 200
category:
detail:
match: exact
provider_code: OK
retryable: false



=== TEST 6: a notice keeps the status
--- request
POST /explain
{"status":"busy"}
--- json
verdict: notice
code: DESTINATION_BUSY
status: 200
retryable: true
detail: The line is busy



=== TEST 7: with none there is a reason, and neither a code nor a status
--- request
POST /explain
{"status":0}
--- json
verdict: none
reason: no_code
provider: vendor
provider_status: 200
code:
status:
retryable:
match:
rule:
values.#: 1
tried.#: 0



=== TEST 8: an unknown code is said to be unmapped, with the row to add
--- request
POST /explain
{"status":"brand-new"}
--- json
verdict: error
code: UNKNOWN
status: 502
match: none
rule:
unmapped: true
add: telephony_catalog vendor { error brand-new UNIFIED_CODE "What it means."; }




=== TEST 9: a code that could end a line of the configuration is never suggested
--- request
POST /explain
{"status":"x; } http { \"y\""}
--- json
code: UNKNOWN
provider_code: x; } http { "y"
unmapped: true
add:



=== TEST 10: an unknown code with an error status is unmapped, too
--- request
POST /explain?status=405
{"status":"brand-new"}
--- json
code: INVALID_PARAMETER
match: status
unmapped: true



=== TEST 11: a success by class alone is unmapped
--- request
POST /explain
{"status":1090}
--- json
verdict: success
match: class
unmapped: true



=== TEST 12: classes and patterns are told as the match
--- request eval
["POST /explain\n{\"status\":\"2219\"}", "POST /explain\n{\"status\":\"missing_to\"}"]
--- json eval
["code: QUOTA_EXCEEDED\nmatch: class", "code: MISSING_PARAMETER\nmatch: pattern"]



=== TEST 13: without a code the status decides
--- request
POST /explain?status=405
<html>
--- json
verdict: error
reason: not_json
code: INVALID_PARAMETER
match: status
values.#: 0



=== TEST 14: the scope is decoded, trimmed and compared without regard to case
--- request
POST /explain?status=405&scope=%4cINE%20
{"status":11,"text":"Line 4001 is taken"}
--- json
code: ALREADY_EXISTS



=== TEST 15: an empty scope is none
--- request
POST /explain?status=405&scope=
{"status":11,"text":"Line 4001 is taken"}
--- json
code: INVALID_PARAMETER
scope:



=== TEST 16: a scope that is too long is refused with a reason
--- request eval
"POST /explain?scope=" . "x" x 257 . "\n{}"
--- error_code: 400
--- response_headers
Content-Type: application/json
Cache-Control: no-store
--- json
error: scope must have 1 to 256 bytes



=== TEST 17: a status that is none is refused with a reason
--- request eval
[map { "POST /explain?status=$_\n{}" } "abc", "", "199", "600", "-1", "20x",
                                       "99999999999999999999999"]
--- error_code eval
[(400) x 7]
--- json eval
[("error: status must be the HTTP status of the answer, 200 to 599, as in ?status=405") x 7]



=== TEST 18: a status that is never judged is refused with the reason
--- request eval
[map { "POST /explain?status=$_\n{\"status\":\"down\"}" } 204, 205, 206, 301, 304, 416]
--- error_code eval
[(400) x 6]
--- json eval
[("error: 204, 205, 206, 3xx and 416 are never judged: such answers pass as they came") x 6]



=== TEST 19: the method of the call decides on a retry that is only safe
--- request eval
[map { "POST /explain?method=$_\n{\"status\":\"down\"}" } "GET", "POST", "DELETE"]
--- json eval
["method: GET\nretryable: true", "method: POST\nretryable: false",
 "method: DELETE\nretryable: false"]



=== TEST 20: an answer to HEAD is judged by its status alone
--- request eval
["POST /explain?method=HEAD&status=405\n", "POST /explain?method=HEAD\n"]
--- json eval
["verdict: error\nreason: head\ncode: INVALID_PARAMETER\nmatch: status",
 "verdict: none\nreason: head"]



=== TEST 21: an unknown method is refused with a reason
--- request eval
["POST /explain?method=get\n{}", "POST /explain?method=\n{}"]
--- error_code eval
[400, 400]
--- json eval
[("error: method must be that of the call: GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS") x 2]



=== TEST 22: only POST is allowed, and said to be
--- request eval
["GET /explain", "HEAD /explain", "PUT /explain\n{}", "DELETE /explain"]
--- error_code eval
[405, 405, 405, 405]
--- response_headers eval
[("Allow: POST") x 4]



=== TEST 23: no body is an empty answer
--- request eval
["POST /explain", "POST /explain?status=405"]
--- json eval
["verdict: none\nreason: empty\nsize: 0\ncut: false",
 "verdict: error\nreason: empty\ncode: INVALID_PARAMETER"]



=== TEST 24: beyond the window of the location nothing is read, and it is said
--- explain: telephony_errors_window 256;
--- request eval
"POST /explain\n{\"a\":\"" . "x" x 300 . "\",\"status\":\"down\"}"
--- json
verdict: none
reason: window
window: 256
size: 324
cut: true
values.#: 0



=== TEST 25: an error code within the window decides, whatever follows
--- explain: telephony_errors_window 256;
--- request eval
"POST /explain\n{\"status\":\"down\",\"a\":\"" . "x" x 300 . "\"}"
--- json
verdict: error
code: PROVIDER_UNAVAILABLE
cut: true



=== TEST 26: a body as large as the window is whole
--- explain: telephony_errors_window 256;
--- request eval
"POST /explain\n{\"a\":\"" . "x" x 232 . "\",\"status\":\"down\"}"
--- json
verdict: error
size: 256
cut: false



=== TEST 27: a body in a file is read like one in memory
--- explain
client_body_in_file_only clean;
telephony_errors_window 1m;
client_max_body_size 2m;
--- request eval
"POST /explain\n{\"a\":\"" . "x" x 250000 . "\",\"status\":\"down\"}"
--- json
verdict: error
code: PROVIDER_UNAVAILABLE
size: 250024
cut: false



=== TEST 28: a body larger than its buffer is read in order
--- explain
client_body_buffer_size 1k;
telephony_errors_window 64k;
--- request eval
"POST /explain\n{\"a\":\"" . "x" x 30000 . "\",\"status\":\"down\"}"
--- more_headers
Content-Type: application/json
--- json
verdict: error
size: 30024
cut: false



=== TEST 29: a file is read up to the window only
--- explain
client_body_in_file_only clean;
telephony_errors_window 1k;
--- request eval
"POST /explain\n{\"status\":\"down\",\"a\":\"" . "x" x 250000 . "\"}"
--- json
verdict: error
window: 1024
size: 250024
cut: true



=== TEST 30: a chunked body
--- raw_request eval
"POST /explain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
. "Transfer-Encoding: chunked\r\n\r\n"
. "9\r\n{\"status\"\r\n8\r\n:\"down\"}\r\n0\r\n\r\n"
--- json
verdict: error
code: PROVIDER_UNAVAILABLE
size: 17



=== TEST 31: client_max_body_size is the bound on a body
--- explain: client_max_body_size 1k;
--- request eval
"POST /explain\n" . "x" x 1025
--- error_code: 413
--- error_log: client intended to send too large body



=== TEST 32: a text that breaks off, and one that is too deep
--- request eval
["POST /explain\n{\"status\"", "POST /explain\n" . "[" x 200]
--- json eval
["verdict: none\nreason: truncated", "verdict: none\nreason: too_deep"]



=== TEST 33: a compressed body is refused with the remedy
--- request eval
use IO::Compress::Gzip;
my $in = '{"status":"down"}';
my $out;
IO::Compress::Gzip::gzip(\$in => \$out);
"POST /explain\n$out"
--- error_code: 400
--- json
error: the body is compressed: post it decoded, as curl --compressed saves it



=== TEST 34: every element of a list is told, every row once
--- request
POST /explain
{"items":[{"status":"ok"},{"status":11,"text":"a"},{"status":11,"text":"b"}]}
--- json
verdict: notice
code: PARTIAL_FAILURE
provider_message: a
tried.#: 4
values.#: 5
values.0.path: items[].status
values.0.element: 0
values.3.element: 2



=== TEST 35: a hundred values at the most are told, and how many are not
--- request eval
"POST /explain\n{\"items\":[" . CORE::join(",", ('{"status":"down"}') x 103) . "]}"
--- json
verdict: error
values.#: 100
values.99.element: 99
values_more: 3



=== TEST 36: a hundred rows at the most are told
--- http_config eval
"telephony_catalog long { code c; message m;\n"
. CORE::join("", map { "error e \"message=text $_\" INTERNAL;\n" } 1 .. 150)
. "error e UNKNOWN; }\n"
--- config
location = /explain {
    telephony_errors_explain long;
}
--- request
POST /explain
{"c":"e","m":"other"}
--- json
code: UNKNOWN
match: exact
tried.#: 100
tried_more: true



=== TEST 37: a long text is cut on a character boundary
--- request eval
use utf8;
my $body = "POST /explain\n{\"status\":\"down\",\"text\":\"x" . "é" x 200 . "\"}";
utf8::encode($body);
$body
--- response_body_like eval
qr/"text": "x(?:\xc3\xa9){127}"\}\n/
--- json
values.1.use: message



=== TEST 38: quotes, controls and broken UTF-8 in a value are valid JSON
--- request eval
"POST /explain\n{\"status\":\"a\\\"b\\u0000\\r\\n</script>\",\"text\":\"\xff\\\\\"}"
--- response_body_like eval
qr/"text": "a\\"b\\u0000\\u000d\\u000a<\/script>"\}.*"text": "\xef\xbf\xbd\\\\"\}/s
--- json
verdict: error
code: UNKNOWN
add:



=== TEST 39: an override of the location counts
--- explain
telephony_errors_override DESTINATION_BUSY 486;
telephony_errors_override INVALID_PARAMETER 422;
--- request eval
["POST /explain\n{\"status\":\"busy\"}", "POST /explain\n{\"status\":11}",
 "POST /explain\n{\"status\":\"down\"}"]
--- json eval
["verdict: error\ncode: DESTINATION_BUSY\nstatus: 486",
 "verdict: error\ncode: INVALID_PARAMETER\nstatus: 422",
 "verdict: error\ncode: PROVIDER_UNAVAILABLE\nstatus: 503"]



=== TEST 40: an envelope of another gateway is known by its type and its code
--- request
POST /explain?status=409
{"type":"about:blank","status":409,"code":"ALREADY_EXISTS","detail":"It is there","provider":{"code":"11","message":"m"}}
--- more_headers
Content-Type: application/problem+json
--- json
verdict: error
code: ALREADY_EXISTS
status: 409
detail: It is there
provider_code: 11
provider_message: m



=== TEST 41: an object at a code path is no code
--- request
POST /explain
{"status":{"a":1}}
--- json
verdict: none
reason: no_code
values.#: 0



=== TEST 42: null and an empty text at a code path are no code
--- request eval
["POST /explain\n{\"status\":null}", "POST /explain\n{\"status\":\"\"}"]
--- json eval
[("verdict: none\nreason: no_code") x 2]



=== TEST 43: explaining sets no variable of the request
--- explain: add_header X-Verdict "[$telephony_verdict]" always;
--- request
POST /explain
{"status":"down"}
--- response_headers
X-Verdict: []
! Telephony-Code



=== TEST 44: with telephony_errors on in the server, the explanation passes
--- config
telephony_errors vendor;
telephony_errors_generated all;

location = /explain {
    telephony_errors_explain vendor;
}
--- request
POST /explain
{"status":"down"}
--- json
verdict: error
provider: vendor
--- response_headers
Content-Type: application/json
! Telephony-Code



=== TEST 45: the connection is kept, also after a refused question
--- pipelined_requests eval
["POST /explain\n{\"status\":\"down\"}", "POST /explain?status=1\n{}",
 "GET /explain", "POST /explain\n{\"status\":\"ok\"}"]
--- error_code eval
[200, 400, 405, 200]
--- response_body_like eval
[qr/"error"/, qr/"error"/, qr/405/, qr/"success"/]



=== TEST 46: an unknown provider is refused, with file, line and remedy
--- config
location = /explain {
    telephony_errors_explain vendr;
}
--- must_die
--- error_log eval
qr/\[emerg\] .*unknown provider "vendr" in "telephony_errors_explain": include its telephony_catalog, or correct the name in \S+nginx\.conf:\d+$/



=== TEST 47: the directive without any catalog is refused
--- catalogs: none
--- config
location = /explain {
    telephony_errors_explain vendor;
}
--- must_die
--- error_log eval
qr/\[emerg\] .*unknown provider "vendor" in "telephony_errors_explain"/



=== TEST 48: two of them in one location are refused
--- config
location = /explain {
    telephony_errors_explain vendor;
    telephony_errors_explain vendor;
}
--- must_die
--- error_log
"telephony_errors_explain" directive is duplicate



=== TEST 49: an empty name is refused
--- config
location = /explain {
    telephony_errors_explain "";
}
--- must_die
--- error_log
"telephony_errors_explain" directive needs the name of a provider



=== TEST 50: the directive outside of a location is refused
--- config
telephony_errors_explain vendor;
--- must_die
--- error_log
"telephony_errors_explain" directive is not allowed here



=== TEST 51: a code that looks like a class is suggested as nginx -t takes it
--- request
POST /explain
{"status":"x12x4.0xX"}
--- json
code: UNKNOWN
unmapped: true
add: telephony_catalog vendor { error x12\x4.0\xX UNIFIED_CODE "What it means."; }



=== TEST 52: an argument that is misspelt is refused by its name
--- request eval
["POST /explain?stauts=405&x=%22&status=405\n{}", "POST /explain?status\n{}",
 "POST /explain?&&status=405&\n{\"status\":\"down\"}",
 "POST /explain?Status=405&SCOPE=line\n{\"status\":\"down\"}"]
--- error_code eval
[400, 400, 200, 200]
--- response_body_like eval
[qr/\A\{"error": "unknown arguments: stauts, x; known are status=405, scope=NAME, method=POST and header=NAME:VALUE"\}\n\z/,
 qr/"unknown arguments: status; /, qr/"provider_status": 405/,
 qr/"provider_status": 405/]



=== TEST 53: strange names of arguments are valid JSON, and not endless
--- request eval
["POST /explain?\"\\\xff=1\n{}", "POST /explain?" . "x" x 2000 . "=1\n{}"]
--- error_code eval
[400, 400]
--- response_body_like eval
[qr/\A\{"error": "unknown arguments: \\"\\\\\xef\xbf\xbd; known are /,
 qr/unknown arguments: x{256}; known/]



=== TEST 54: an "if" beside it changes nothing
--- config
location = /explain {
    telephony_errors_explain vendor;
    telephony_errors_window 300;

    if ($arg_status = 405) {
        set $matched 1;
    }

    if ($arg_method) {
        add_header X-Method $arg_method;
    }
}
--- request eval
["POST /explain?status=405\n{\"status\":\"down\"}",
 "POST /explain?method=POST\n{\"status\":\"down\"}",
 "POST /explain\n{\"status\":\"down\"}"]
--- error_code eval
[200, 200, 200]
--- json eval
[("code: PROVIDER_UNAVAILABLE\nwindow: 300") x 3]



=== TEST 55: a limit_except beside it, and a location in it, have no handler
--- config
location /explain {
    telephony_errors_explain vendor;

    limit_except GET {
        allow all;
    }

    location /explain/in {
    }
}
--- request eval
["POST /explain\n{}", "POST /explain/in\n{}"]
--- error_code eval
[404, 404]



=== TEST 56: an error_page that leads back names the method once
--- config
location = /explain {
    error_page 405 /explain;
    telephony_errors_explain vendor;
}
--- request
GET /explain
--- error_code: 405
--- response_headers
Allow: POST



=== TEST 57: the name of a provider holds no variables
--- config
location = /explain {
    telephony_errors_explain $arg_provider;
}
--- must_die
--- error_log
"telephony_errors_explain" directive needs the name of a provider, which holds no variables



=== TEST 58: a value in a member is told with its name, and presence as such
--- http_config
telephony_catalog members { code a.*.c; present gone code=GONE; field e.*; success 0; error GONE NOT_FOUND; }
--- config
location = /explain {
    telephony_errors_explain members;
}
--- request
POST /explain
{"a":{"x":{"c":"n\u002fa"},"\u0079":{"c":7}},"gone":[0],"e":{"to":null}}
--- json
verdict: error
code: UNKNOWN
values.#: 4
values.0.path: a.*.c
values.0.element: 0
values.0.member: x
values.1.element: 1
values.1.member: y
values.2.path: gone
values.2.use: present
values.2.text: GONE
values.2.member:
values.3.path: e.*
values.3.use: field
values.3.text: to
