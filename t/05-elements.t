# Code paths with []: every element is judged by itself.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;
use TelephonyCases;

our $acme = <<'END';
    telephony_catalog acme {
        code     items[].status [].status top;
        message  items[].text [].text text;
        field    items[].param detail=items[].why;
        nocode   n/a;
        success  0 1x;
        notice   5  NO_RESULTS   "Nothing";
        notice   6  CALL_ENDED;
        error    1  MISSING_PARAMETER  "A parameter is missing";
        error    2  RATE_LIMITED;
        error    2  "message=slow {x}" QUOTA_EXCEEDED "Slow: {x}";
    }
    telephony_catalog inner {
        code     a.b[].c;
        message  a.b[].d[].m a.m;
        field    a.b[].d[].f detail=a.b[].d[].m;
        success  0;
        error    1  NOT_FOUND;
        absent   success;
    }
END

run_tests();

__DATA__

=== TEST 1: all elements good is a success, whether with a success code or with none
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
200 {"items":[{"status":"0"},{"status":0}]} -> success OK 200 exact
200 {"items":[{"status":"0"},{"id":1}]} -> success OK 200 exact
200 {"items":[{"id":1},{"status":"0"}]} -> success OK 200 exact
200 {"items":[{"status":"12"},{"status":"n/a"},{"status":null}]} -> success OK 200 class
200 [{"status":0}] -> success OK 200 exact
200 [[],{"status":0},7,"x",null] -> success OK 200 exact
200 {"items":[{"id":1}]} -> none no_code
200 {"items":[]} -> none no_code
200 [] -> none no_code
200 {"items":{"status":1}} -> none no_code
200 {"items":[[{"status":1}]]} -> none no_code



=== TEST 2: all elements failed is an error by the first of them, with its message and fields
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
200 {"items":[{"status":"1","text":"one","param":"a","why":"A"},{"status":"2","text":"two","param":"b"}]} -> error MISSING_PARAMETER 400 exact
    provider.code: 1
    provider.message: one
    errors.0.field: a
    errors.0.detail: A
    errors.1:
200 {"items":[{"param":"b","why":"B","text":"slow down","status":"2"},{"status":"1","text":"one","param":"a"}]} -> error QUOTA_EXCEEDED 429 message
    detail: Slow: down
    provider.code: 2
    errors.0.field: b
    errors.0.detail: B
    errors.1:
200 [{"status":1,"text":"one"}] -> error MISSING_PARAMETER 400 exact
    provider.message: one
200 {"items":[{"status":"99","text":"what"}]} -> error UNKNOWN 502 none
    provider.code: 99
    provider.message: what
# the text of another element is not that of this one, a text outside is
200 {"text":"outside","items":[{"status":"1"},{"status":"2","text":"two"}]} -> error MISSING_PARAMETER 400 exact
    provider.message: outside
200 {"items":[{"status":"1"},{"status":"2","text":"two"}]} -> error MISSING_PARAMETER 400 exact
    provider.message:
200 {"items":[{"status":"1"}],"top":0} -> error MISSING_PARAMETER 400 exact



=== TEST 3: only some elements failed is the notice PARTIAL_FAILURE, body and status as they came
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
200 {"items":[{"status":"1"},{"status":"0"}]} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"status":"0"},{"status":"1"}]} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"id":1},{"status":"1"}]} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"status":"1"},{"id":1}]} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"status":"1"},{"status":""}]} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"status":"1"},{"status":"N/A"}]} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"status":"5"},{"status":"1"}]} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"status":"99"},{"status":"0"}]} -> notice PARTIAL_FAILURE 200 none
200 [{"status":1},{}] -> notice PARTIAL_FAILURE 200 exact
200 [{"status":1},[],3] -> notice PARTIAL_FAILURE 200 exact
202 {"items":[{"status":"0"},{"status":"2","text":"slow x"}]} -> notice PARTIAL_FAILURE 202 message



=== TEST 4: the headers of a PARTIAL_FAILURE tell of the first failed element
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_body: {"items":[{"status":"0"},{"status":"2","text":"slow x"}]}
--- location
    add_header X-Detail $telephony_detail always;
    add_header X-Message $telephony_provider_message always;
--- request
GET /api/
--- same
--- response_headers
Telephony-Code: PARTIAL_FAILURE
!Telephony-Category
Telephony-Retryable: false
Telephony-Provider: acme
Telephony-Provider-Code: 2
X-Detail: Slow: x
X-Message: slow x
Content-Type: application/json



=== TEST 5: elements with notices and none that failed: a notice if there is no success beside it
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
200 {"items":[{"status":"5"}]} -> notice NO_RESULTS 200 exact
200 {"items":[{"status":"6"},{"status":"5"}]} -> notice CALL_ENDED 200 exact
200 {"items":[{"status":"0"},{"status":"5"}]} -> success OK 200 exact
200 {"items":[{"status":"5"},{"status":"0"}]} -> success OK 200 exact



=== TEST 6: with an error status a known code of any element decides, at last the status
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
404 {"items":[{"status":"2","text":"two"}]} -> error RATE_LIMITED 429 exact
    provider.message: two
403 {"items":[{"status":"0"},{"status":"1"}]} -> error MISSING_PARAMETER 400 exact
403 {"items":[{"status":"99"},{"status":"1","text":"t"}]} -> error MISSING_PARAMETER 400 exact
    provider.code: 1
    provider.message: t
403 {"items":[{"status":"99"},{"status":"98"}]} -> error PERMISSION_DENIED 403 status
    provider.code: 99
403 {"items":[{"status":"0"}]} -> error PERMISSION_DENIED 403 status
403 {"items":[{}]} -> error PERMISSION_DENIED 403 status no_code
403 [{"status":1}] -> error MISSING_PARAMETER 400 exact



=== TEST 7: never early, never in part: a body that breaks off, or over the window, is none
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    telephony_errors_window 256;
--- cases_bodies eval
my $x = 'x' x 300;
{ long => qq({"items":[{"status":"1"},{"x":"$x"}]}) }
--- cases
200 @long -> none window
403 @long -> error MISSING_PARAMETER 400 exact
200 {"items":[{"status":"1"}] -> none truncated
200 {"items":[{"status":"0"}], -> none truncated
200 {"items":[{"status":"1"}]}} -> none not_json
# a later path without [] is of no use there either
200 {"top":1 -> none truncated
200 {"top":1} -> error MISSING_PARAMETER 400 exact



=== TEST 8: a list inside an object, lists inside the elements; a [] in message and field paths alone changes no verdict
--- catalogs: codes
--- http_config eval
$::acme . <<'END'
    telephony_catalog flat {
        code     code;
        message  errors[].text;
        field    errors[].name detail=errors[].text;
        success  0;
        error    1  INVALID_PARAMETER;
    }
END
--- config
    location /inner/ { telephony_errors inner; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
    location /flat/  { telephony_errors flat; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: acme
--- cases
/inner/1 200 {"a":{"b":[{"c":1,"d":[{"m":"m1","f":"f1"},{"m":"m2","f":"f2"}]},{"c":1,"d":[{"f":"f3"}]}]}} -> error NOT_FOUND 404 exact
    provider.message: m1
    errors.0.field: f1
    errors.0.detail: m1
    errors.1.field: f2
    errors.1.detail: m2
    errors.2:
/inner/2 200 {"a":{"b":[{"d":[{"m":"m1","f":"f1"}],"c":0},{"d":[],"c":1}]}} -> notice PARTIAL_FAILURE 200 exact
/inner/3 200 {"a":{"m":"outer","b":[{"d":[{"f":"f0","m":"m0"}]},{"d":[{"f":"f1"}],"c":1}]}} -> notice PARTIAL_FAILURE 200 exact
/inner/4 200 {"a":{"m":"outer","b":[{"d":[{"f":"f1"},{"f":"f2","m":"m2"}],"c":1}]}} -> error NOT_FOUND 404 exact
    provider.message: m2
    errors.0.field: f1
    errors.0.detail:
    errors.1.detail: m2
/inner/5 200 {"a":{"b":[]}} -> success OK 200 absent
/flat/1 200 {"code":0,"errors":[{"text":"t"}]} -> success OK 200 exact
/flat/2 200 {"errors":[{"text":""},{"text":"t","name":"n"}],"code":1} -> error INVALID_PARAMETER 400 exact
    provider.message: t
    errors.0.field: n



=== TEST 9: elements that spell the code differently are judged each by its own
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     [].ErrorCode [].errorCode;
        message  [].Message [].message;
        success  OK;
        error    BAD   INVALID_PARAMETER;
        error    GONE  NOT_FOUND;
    }
--- provider: acme
--- cases
200 [{"errorCode":"BAD","message":"m"}] -> error INVALID_PARAMETER 400 exact
    provider.message: m
200 [{"errorCode":"BAD"},{"ErrorCode":"GONE"}] -> error INVALID_PARAMETER 400 exact
200 [{"errorCode":"BAD"},{"ErrorCode":"OK"}] -> notice PARTIAL_FAILURE 200 exact
200 [{"ErrorCode":"OK"},{"errorCode":"BAD"}] -> notice PARTIAL_FAILURE 200 exact
200 [{"ErrorCode":"GONE","errorCode":"BAD"}] -> error NOT_FOUND 404 exact
200 [{"errorCode":"BAD","ErrorCode":"OK"}] -> success OK 200 exact



=== TEST 10: in an element, too, 0, false and blanks are no message: its next path has it
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     i[].c;
        message  i[].e i[].m;
        error    E1  "message=no money"  INSUFFICIENT_FUNDS;
        error    E1  NOT_FOUND;
    }
--- provider: acme
--- cases
200 {"i":[{"c":"E1","e":false,"m":"no money"}]} -> error INSUFFICIENT_FUNDS 402 message
200 {"i":[{"c":"E1","e":0,"m":"no money"}]} -> error INSUFFICIENT_FUNDS 402 message
200 {"i":[{"m":"no money","e":"  ","c":"E1"}]} -> error INSUFFICIENT_FUNDS 402 message
200 {"i":[{"c":"E1","e":"x","m":"no money"}]} -> error NOT_FOUND 404 exact
    provider.message: x
