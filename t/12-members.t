# Paths with *: every member of an object is judged by itself, its name is a
# field.  Presence: something at a path is a code.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;
use TelephonyCases;

our $acme = <<'EOT';
    telephony_catalog acme {
        code     sms.*.status_code *.status top;
        message  sms.*.text text;
        field    sms.*.param detail=sms.*.why;
        nocode   n/a;
        success  0 1x;
        notice   5  NO_RESULTS   "Nothing";
        error    1  MISSING_PARAMETER  "A parameter is missing";
        error    2  RATE_LIMITED;
        error    2  "message=slow {x}" QUOTA_EXCEEDED "Slow: {x}";
    }
    telephony_catalog rails {
        code     code;
        message  errors.*[] message;
        field    errors.* detail=errors.*[];
        field    faults[].*.* detail=faults[].*.*.text pointer=faults[].*.*.at;
        field    flat.* detail=flat.*;
        field    spelled.* detail=spelled.*;
        field    spelled.base.name;
        success  0;
        error    1  INVALID_PARAMETER;
        absent   "message=*"  INVALID_PARAMETER;
        absent   success;
    }
    telephony_catalog odd {
        code     \*.c a\*b.c x.\*y;
        success  0;
        error    1  NOT_FOUND;
    }
    telephony_catalog there {
        code     status;
        present  rejected code=rejected;
        present  items[].bad code=bad;
        present  status code=something;
        message  rejected[].text items[].text;
        nocode   none;
        success  ok something;
        notice   rejected  PARTIAL_FAILURE  "Some were rejected.";
        error    bad       INVALID_PARAMETER;
        error    fail      INTERNAL;
        absent   success;
    }
    telephony_catalog first {
        present  error code=E;
        message  error.text error;
        success  x;
        error    E  INVALID_PARAMETER;
    }
    telephony_catalog all {
        present  error.*.code code=E;
        present  errors[] code=F;
        present  error.list code=G;
        alias    F OTHER;
        success  x;
        error    E  INVALID_PARAMETER;
        error    OTHER  NOT_FOUND;
        error    G  INTERNAL;
    }
EOT

run_tests();

__DATA__

=== TEST 1: all members good is a success, whether with a success code or with none
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
200 {"sms":{"7925":{"status_code":"0"},"7499":{"status_code":0}}} -> success OK 200 exact
200 {"sms":{"7925":{"status_code":"0"},"7499":{"id":1}}} -> success OK 200 exact
200 {"sms":{"7925":{"id":1},"7499":{"status_code":"0"}}} -> success OK 200 exact
200 {"sms":{"a":{"status_code":"12"},"b":{"status_code":"n/a"},"c":{"status_code":null}}} -> success OK 200 class
200 {"a":{"status":0}} -> success OK 200 exact
200 {"a":[],"b":{"status":0},"c":7,"d":"x","e":null} -> success OK 200 exact
200 {"sms":{"a":{"id":1}}} -> none no_code
200 {"sms":{}} -> none no_code
200 {} -> none no_code
200 {"sms":[{"status_code":1}]} -> none no_code
200 {"sms":{"a":[{"status_code":1}]}} -> none no_code
200 {"sms":{"a":{"b":{"status_code":1}}}} -> none no_code
200 [{"a":{"status":1}}] -> none no_code



=== TEST 2: all members failed is an error by the first of them, with its message and fields
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
200 {"sms":{"a":{"status_code":"1","text":"one","param":"a","why":"A"},"b":{"status_code":"2","text":"two","param":"b"}}} -> error MISSING_PARAMETER 400 exact
    provider.code: 1
    provider.message: one
    errors.0.field: a
    errors.0.detail: A
    errors.1:
200 {"sms":{"b":{"param":"b","why":"B","text":"slow down","status_code":"2"},"a":{"status_code":"1"}}} -> error QUOTA_EXCEEDED 429 message
    detail: Slow: down
    provider.code: 2
    errors.0.field: b
    errors.0.detail: B
    errors.1:
200 {"sms":{"a":{"status_code":"99","text":"what"}}} -> error UNKNOWN 502 none
    provider.code: 99
    provider.message: what
200 {"text":"outside","sms":{"a":{"status_code":"1"},"b":{"status_code":"2","text":"two"}}} -> error MISSING_PARAMETER 400 exact
    provider.message: outside
200 {"sms":{"a":{"status_code":"1"},"b":{"status_code":"2","text":"two"}}} -> error MISSING_PARAMETER 400 exact
    provider.message:
200 {"top":0,"sms":{"a":{"status_code":"1"}},"z":{"status":0}} -> error MISSING_PARAMETER 400 exact
403 {"sms":{"a":{"status_code":"99"},"b":{"status_code":"1","text":"t"}}} -> error MISSING_PARAMETER 400 exact
    provider.code: 1
    provider.message: t



=== TEST 3: only some members failed is the notice PARTIAL_FAILURE
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
200 {"sms":{"a":{"status_code":"1"},"b":{"status_code":"0"}}} -> notice PARTIAL_FAILURE 200 exact
200 {"sms":{"a":{"status_code":"0"},"b":{"status_code":"1"}}} -> notice PARTIAL_FAILURE 200 exact
200 {"sms":{"a":{},"b":{"status_code":"1"}}} -> notice PARTIAL_FAILURE 200 exact
200 {"sms":{"a":{"status_code":"1"},"b":null}} -> notice PARTIAL_FAILURE 200 exact
200 {"sms":{"a":{"status_code":"1"},"b":3}} -> notice PARTIAL_FAILURE 200 exact
200 {"sms":{"a":{"status_code":"5"},"b":{"status_code":"1"}}} -> notice PARTIAL_FAILURE 200 exact
# a name that stands twice is two members
200 {"sms":{"a":{"status_code":"1"},"a":{"status_code":"0"}}} -> notice PARTIAL_FAILURE 200 exact
200 {"sms":{"a":{"status_code":"5"}}} -> notice NO_RESULTS 200 exact



=== TEST 4: a name that a path spells out is no member of the * beside it
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
# "sms", "top" and "text" stand beside * at the top
200 {"sms":{},"a":{"status":"1"}} -> error MISSING_PARAMETER 400 exact
200 {"a":{"status":"1"},"top":0,"text":"t"} -> error MISSING_PARAMETER 400 exact
    provider.message: t
200 {"a":{"status":"1"},"other":0} -> notice PARTIAL_FAILURE 200 exact
200 {"text":{"status":"1"},"top":0} -> success OK 200 exact



=== TEST 5: a field path that ends in * is the names of the members, with what is in them
--- catalogs: codes
--- http_config eval: $::acme
--- provider: rails
--- cases
422 {"errors":{"to":["is not valid","is too long"],"from":["is missing"]}} -> error INVALID_PARAMETER 400 message
    errors.0.field: to
    errors.0.detail: is not valid
    errors.1.field: from
    errors.1.detail: is missing
    errors.2.field:
    provider.message: is not valid
422 {"code":1,"errors":{"a":null,"b":[],"c":[null,"x"],"d":"plain","\u0065\"":["q\n"]}} -> error INVALID_PARAMETER 400 exact
    errors.0.field: a
    errors.0.detail:
    errors.1.field: b
    errors.1.detail:
    errors.2.field: c
    errors.2.detail: x
    errors.3.field: d
    errors.3.detail:
    errors.4.field: e"
    errors.5.field:
200 {"code":1,"flat":{"to":"bad","n":7,"o":{"x":1}}} -> error INVALID_PARAMETER 400 exact
    errors.0.field: to
    errors.0.detail: bad
    errors.1.field: n
    errors.1.detail: 7
    errors.2.field: o
    errors.2.detail:
200 {"code":1,"faults":[{"x":{"to":{"at":"/to","text":"T"},"by":{}}},{"y":{"at":{"text":"A"}}}]} -> error INVALID_PARAMETER 400 exact
    errors.0.field: to
    errors.0.detail: T
    errors.0.pointer: /to
    errors.1.field: by
    errors.1.detail:
    errors.2.field: at
    errors.2.detail: A
    errors.2.pointer:
200 {"code":1,"spelled":{"a":"A","base":{"name":"N"},"b":"B"}} -> error INVALID_PARAMETER 400 exact
    errors.0.field: a
    errors.0.detail: A
    errors.1.field: b
    errors.1.detail: B
    errors.2.field: N
    errors.2.detail:
200 {"code":0,"errors":{"to":["x"]}} -> success OK 200 exact
200 {"errors":{}} -> success OK 200 absent



=== TEST 6: of a member's element the name is a field, too
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code   sms.*.code;
        field  sms.*  detail=sms.*.text;
        success 0;
        error   1 INVALID_PHONE_NUMBER;
    }
--- provider: acme
--- cases
200 {"sms":{"7925":{"code":1,"text":"no route"},"7499":{"code":1,"text":"no"}}} -> error INVALID_PHONE_NUMBER 400 exact
    errors.0.field: 7925
    errors.0.detail: no route
    errors.1.field:



=== TEST 7: a star in a name is written with a backslash
--- catalogs: codes
--- http_config eval: $::acme
--- provider: odd
--- cases
200 {"*":{"c":1}} -> error NOT_FOUND 404 exact
200 {"q":{"c":1}} -> none no_code
200 {"a*b":{"c":1}} -> error NOT_FOUND 404 exact
200 {"aXb":{"c":1}} -> none no_code
200 {"x":{"*y":0}} -> success OK 200 exact



=== TEST 8: present: what is not null, false or empty is a code
--- catalogs: codes
--- http_config eval: $::acme
--- provider: first
--- cases
200 {"error":"x"} -> error INVALID_PARAMETER 400 exact
    provider.code: E
    provider.message: x
200 {"error":{"text":"T"}} -> error INVALID_PARAMETER 400 exact
    provider.message: T
200 {"error":{"q":null}} -> error INVALID_PARAMETER 400 exact
200 {"error":[null]} -> error INVALID_PARAMETER 400 exact
200 {"error":[[]]} -> error INVALID_PARAMETER 400 exact
200 {"error":0} -> error INVALID_PARAMETER 400 exact
200 {"error":true} -> error INVALID_PARAMETER 400 exact
200 {"error":" "} -> error INVALID_PARAMETER 400 exact
200 {"\u0065rror" : { "\n" : 1 } } -> error INVALID_PARAMETER 400 exact
200 {"error":false} -> none no_code
200 {"error":null} -> none no_code
200 {"error":""} -> none no_code
200 {"error":{}} -> none no_code
200 {"error": [ ] } -> none no_code
200 {"error":{  }} -> none no_code
200 {"error":[],"error":[1]} -> none no_code
200 {"x":{"error":1}} -> none no_code
200 [{"error":1}] -> none no_code
400 {"error":{}} -> error INVALID_PARAMETER 400 status no_code



=== TEST 9: present stands in the order of the code paths
--- catalogs: codes
--- http_config eval: $::acme
--- provider: there
--- cases
200 {"status":"ok","rejected":[1]} -> success OK 200 exact
200 {"rejected":[{"text":"t"}],"status":"ok"} -> success OK 200 exact
200 {"rejected":[{"text":"t"}],"status":null} -> notice PARTIAL_FAILURE 200 exact
200 {"rejected":{},"status":"none"} -> success OK 200 exact
200 {"items":[{"bad":1,"text":"t"}],"rejected":[0]} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"bad":1,"text":"t"},{"text":"u","bad":{"x":0}}]} -> error INVALID_PARAMETER 400 exact
    provider.message: t
200 {"items":[{"bad":[]},{"bad":[0]}]} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"bad":[]},{"bad":0}],"status":"none"} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"bad":[]}]} -> success OK 200 absent
# one path, read in two ways
200 {"status":"fail"} -> error INTERNAL 500 exact
200 {"status":{"a":1}} -> success OK 200 exact
200 {"status":"none"} -> success OK 200 exact



=== TEST 10: present of members and items: an element that has it, and the alias of its code
--- catalogs: codes
--- http_config eval: $::acme
--- provider: all
--- cases
200 {"error":{"a":{"code":[1]},"b":{"code":"x"}}} -> error INVALID_PARAMETER 400 exact
200 {"error":{"a":{"code":[]},"b":{"code":"x"}}} -> notice PARTIAL_FAILURE 200 exact
200 {"errors":["x"]} -> error NOT_FOUND 404 exact
    provider.code: OTHER
200 {"errors":["x",{}]} -> notice PARTIAL_FAILURE 200 exact
200 {"errors":["x",{"a":0},[0]]} -> error NOT_FOUND 404 exact
200 {"error":{"list":[1]}} -> error INTERNAL 500 exact
200 {"error":{"list":{"code":1}}} -> error INTERNAL 500 exact



=== TEST 11: an answer in pieces is judged as the whole one
--- catalogs: codes
--- http_config eval: $::acme
--- provider: first
--- upstream_framing: chunked
--- upstream_split: 1
--- cases
200 {"error":"x"} -> error INVALID_PARAMETER 400 exact
200 {"error":{"q":[{},1.5]},"z":[1,2,{"a":"\u00e9"}]} -> error INVALID_PARAMETER 400 exact
200 {"error":{}} -> none no_code
200 {"error":[ null ]} -> error INVALID_PARAMETER 400 exact



=== TEST 12: a success that stands before present lets the answer go early
--- catalogs: codes
--- http_config eval: $::acme
--- provider: there
--- location
    telephony_errors_window 256;
--- cases_bodies eval: +{ long => '{"status":"ok","z":"' . 'z' x 2000 . '","rejected":[1]}', late => '{"z":"' . 'z' x 2000 . '","rejected":[1]}', bad => '{"rejected":[' . '1,' x 2000 . '1]}' }
--- cases
200 @long -> success OK 200 exact
200 @late -> none window
200 @bad -> none window
404 @bad -> error NOT_FOUND 404 status window



=== TEST 13: a code's * takes 4,096 members
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    telephony_errors_window 1m;
--- cases_bodies eval
+{ map { my $n = $_;
         ("n$n" => '{"sms":{' . CORE::join(',', map { "\"k$_\":{\"status_code\":1}" } 1 .. $n) . '}}')
   } 4096, 4097 }
--- cases
200 @n4096 -> error MISSING_PARAMETER 400 exact
200 @n4097 -> none too_large



=== TEST 14: of members that hold no code the first are named
--- catalogs: codes
--- http_config eval: $::acme
--- provider: rails
--- location
    telephony_errors_window 1m;
--- cases_bodies eval
+{ many => '{"errors":{' . CORE::join(',', map { "\"k$_\":[\"t$_\"]" } 1 .. 10000) . '},"code":1}' }
--- cases
200 @many -> error INVALID_PARAMETER 400 exact
    errors.0.field: k1
    errors.31.field: k32
    errors.31.detail: t32
    errors.32.field:



=== TEST 15: a name with escapes is the name without them, whoever reads it
--- catalogs: codes
--- http_config eval: $::acme
--- provider: rails
--- cases_bodies eval
# the second one is too deep for all but yajl
+{ map { ($_->[0] => '{"code":1,"errors":{"\\u0074\\"o\\u00e9":["x"],"from":["y"]}' . $_->[1] . '}') }
   [plain => ''], [deep => ',"z":' . '[' x 70 . ']' x 70] }
--- cases
200 @plain -> error INVALID_PARAMETER 400 exact
    errors.0.field: t"oé
    errors.0.detail: x
    errors.1.field: from
    errors.1.detail: y
200 @deep -> error INVALID_PARAMETER 400 exact
    errors.0.field: t"oé
    errors.0.detail: x
    errors.1.field: from
    errors.1.detail: y



=== TEST 16: one path in several statements is read in each of their ways
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     type ~ "#(?<code>\\w+)$";
        code     type ~ "^(?<code>[A-Z]+)-";
        code     type;
        present  type code=there;
        message  type;
        success  ok;
        error    E1     NOT_FOUND;
        error    ABC    INTERNAL;
        error    plain  INVALID_PARAMETER;
        error    there  RATE_LIMITED;
    }
--- provider: acme
--- cases
200 {"type":"x#E1"} -> error NOT_FOUND 404 exact
    provider.code: E1
    provider.message: x#E1
200 {"type":"ABC-1"} -> error INTERNAL 500 exact
    provider.code: ABC
    provider.message: ABC-1
200 {"type":"plain"} -> error INVALID_PARAMETER 400 exact
    provider.message: plain
200 {"type":"ABC-#ok"} -> success OK 200 exact
200 {"type":[0]} -> error RATE_LIMITED 429 exact
