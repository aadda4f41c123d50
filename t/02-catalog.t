# What a catalog can say, statement by statement, and which row wins.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;
use TelephonyCases;

# two files each, which are included in both orders

our $settings = <<'END';
>>> 1.conf
telephony_catalog acme {
    alias       2   DOIS;
    nocode      -1;
    error       UM  NO_CHANGES  "ours";
    error       "2" "message=x {a}" LIMIT_REACHED;
    success     5;
    error       7x  INVALID_FILE;
    error       b*  WEAK_PASSWORD;
    absent          CALL_NOT_FOUND;
    status      404 MEDIA_NOT_FOUND;
    scope       $arg_ours;
    language    en;
    repeatable  never;
    challenge   "Ours";
    allow       PUT;
    example     200 '{"c":5}' success;
    example     200 '{"c":1}' error:NO_CHANGES;
}
>>> 2.conf
telephony_catalog acme {
    code        c;
    message     m;
    alias       1   UM;
    alias       2   TWO;
    nocode      -1;
    error       1   NOT_FOUND  "theirs";
    error       DOIS "message=x {a}" OUT_OF_RANGE;
    error       5   INTERNAL;
    error       7x  INTERNAL;
    error       b*  INTERNAL;
    error       9   scope=s UNAUTHENTICATED;
    error       8   METHOD_NOT_ALLOWED;
    error       6   PROVIDER_TIMEOUT;
    absent      success;
    status      404 NOT_FOUND;
    scope       $arg_theirs;
    language    pt;
    repeatable  GET;
    challenge   "Theirs";
    allow       POST;
    example     200 '{"c":5}' error:INTERNAL;
    example     200 '{"c":1}' error:NOT_FOUND;
}
END

our $ties = <<'END';
>>> base.conf
telephony_catalog acme { code c; message m; error 1 "message=ab{x}" NOT_FOUND; error ab* NOT_FOUND; error d*e NO_CHANGES; error *de INTERNAL; }
>>> ours.conf
telephony_catalog acme {


    error 1 "message={x}bc" ALREADY_EXISTS;
    error *bc ALREADY_EXISTS;
}
END

run_tests();

__DATA__

=== TEST 1: code paths stand in order of preference, whatever the order of keys
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     a b.c d;
        success  ok;
        error    1  NOT_FOUND;
        error    2  ALREADY_EXISTS;
        error    3  NO_CHANGES;
    }
--- provider: acme
--- cases
200 {"d":3,"b":{"c":2},"a":1} -> error NOT_FOUND 404 exact
200 {"d":3,"b":{"c":2}} -> error ALREADY_EXISTS 409 exact
200 {"d":3} -> error NO_CHANGES 409 exact
200 {"d":3,"a":"ok"} -> success OK 200 exact
200 {"d":3,"a":null} -> error NO_CHANGES 409 exact
200 {"a":"","b":{"c":2}} -> error ALREADY_EXISTS 409 exact
200 {"a":{"c":1},"b":{"c":2}} -> error ALREADY_EXISTS 409 exact
200 {"a":[1],"b":{"c":2}} -> error ALREADY_EXISTS 409 exact
200 {"b":[{"c":2}],"d":3} -> error NO_CHANGES 409 exact
200 {"c":2,"x":{"b":{"c":2}}} -> none no_code
200 {"a":"  ","d":3} -> error NO_CHANGES 409 exact



=== TEST 2: null, an empty text, an object and an array are no code; true, false and 0 are
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        success  true;
        error    false  NOT_FOUND;
        error    0      ALREADY_EXISTS;
    }
--- provider: acme
--- cases
200 {"c":null}    -> none no_code
200 {"c":""}      -> none no_code
200 {"c":" \t "}  -> none no_code
200 {"c":{}}      -> none no_code
200 {"c":[]}      -> none no_code
200 {"c":[0]}     -> none no_code
200 {"c":{"c":0}} -> none no_code
200 {}            -> none no_code
200 []            -> none no_code
200 "c"           -> none not_json
200 17            -> none not_json
200 {"c":true}    -> success OK 200 exact
200 {"c":"true"}  -> success OK 200 exact
200 {"c":false}   -> error NOT_FOUND 404 exact
    provider.code: false
200 {"c":0}       -> error ALREADY_EXISTS 409 exact
    provider.code: 0



=== TEST 3: a number and the same number as a string are one code, however the number is written; strings compare by their text
--- catalogs: codes
--- http_config
    telephony_catalog acme { code c; success 0; error 1000 NOT_FOUND; error -5 NO_CHANGES; error 1.5 ALREADY_EXISTS; }
--- provider: acme
--- cases
200 {"c":1000}    -> error NOT_FOUND 404 exact
    provider.code: 1000
200 {"c":"1000"}  -> error NOT_FOUND 404 exact
200 {"c":" 1000 "} -> error NOT_FOUND 404 exact
    provider.code: 1000
200 {"c":1000.0}  -> error NOT_FOUND 404 exact
    provider.code: 1000
200 {"c":1e3}     -> error NOT_FOUND 404 exact
200 {"c":"1e3"}   -> error UNKNOWN 502 none
200 {"c":"01000"} -> error UNKNOWN 502 none
200 {"c":-5}      -> error NO_CHANGES 409 exact
200 {"c":"-5"}    -> error NO_CHANGES 409 exact
200 {"c":1.5}     -> error ALREADY_EXISTS 409 exact
200 {"c":10000000000000000000000000001000} -> error UNKNOWN 502 none
    provider.code: 10000000000000000000000000001000



=== TEST 4: codes and texts compare without regard to case, also beyond ASCII, and with trimmed ends
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        message  m;
        success  " Успешно ";
        error    Invalid_Threshold  OUT_OF_RANGE;
        error    ΟΔΟΣ               NOT_FOUND;
        error    straße             NO_CHANGES;
        error    İZMİR              ALREADY_EXISTS;
        error    ÇÃO                INTERNAL;
        error    t                  UNKNOWN;
        error    t  "message=Неверный номер"           INVALID_PHONE_NUMBER;
        error    t  "message= Ação {x} inválida "      INVALID_PARAMETER;
    }
--- provider: acme
--- cases
200 {"c":"invalid_threshold"} -> error OUT_OF_RANGE 400 exact
    provider.code: invalid_threshold
200 {"c":"\tINVALID_threshold\r\n"} -> error OUT_OF_RANGE 400 exact
200 {"c":"уСПЕШНО"} -> success OK 200 exact
200 {"c":"\u0443\u0441\u043f\u0435\u0448\u043d\u043e"} -> success OK 200 exact
200 {"c":"οδος"} -> error NOT_FOUND 404 exact
200 {"c":"οδοσ"} -> error NOT_FOUND 404 exact
200 {"c":"STRAẞE"} -> error NO_CHANGES 409 exact
200 {"c":"STRASSE"} -> error UNKNOWN 502 none
200 {"c":"İzmİr"} -> error ALREADY_EXISTS 409 exact
200 {"c":"izmir"} -> error UNKNOWN 502 none
200 {"c":"ção"} -> error INTERNAL 500 exact
200 {"c":"T","m":"НЕВЕРНЫЙ НОМЕР"} -> error INVALID_PHONE_NUMBER 400 message
200 {"c":"T","m":"  неверный номер\n"} -> error INVALID_PHONE_NUMBER 400 message
200 {"c":"T","m":"a\u00c7\u00c3O Foo INV\u00c1LIDA"} -> error INVALID_PARAMETER 400 message
200 {"c":"T","m":"неверный  номер"} -> error UNKNOWN 502 exact



=== TEST 5: key names are compared exactly, and of duplicate keys the first counts
--- catalogs: codes
--- http_config
    telephony_catalog acme { code r.c; message r.m; success ok; error 1 NOT_FOUND; error 2 NO_CHANGES; }
--- provider: acme
--- cases
200 {"r":{"C":1}} -> none no_code
200 {"R":{"c":1}} -> none no_code
200 {"r ":{"c":1}} -> none no_code
200 {"\u0072":{"\u0063":1}} -> error NOT_FOUND 404 exact
200 {"r":{"c":1,"c":2}} -> error NOT_FOUND 404 exact
200 {"r":{"c":2,"c":"ok"}} -> error NO_CHANGES 409 exact
200 {"r":{"c":null,"c":2}} -> none no_code
200 {"r":{"x":1},"r":{"c":1}} -> none no_code
200 {"r":{"c":1,"m":"first","m":"second"}} -> error NOT_FOUND 404 exact
    provider.message: first
200 {"x":{"r":{"c":2}},"r":{"y":{"c":2},"c":1}} -> error NOT_FOUND 404 exact



=== TEST 6: one path may be the beginning of another, a backslash takes a dot or a bracket as it is
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     error.code error;
        message  error.message message;
        success  ok;
        error    1            NOT_FOUND;
        error    invalid_request  INVALID_PARAMETER;
    }
    telephony_catalog dots {
        code     a\.b.c\[\] "with space";
        error    1  NOT_FOUND;
    }
--- config
    location /dots/ { telephony_errors dots; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: acme
--- cases
200 {"error":{"code":1,"message":"m"}} -> error NOT_FOUND 404 exact
    provider.message: m
200 {"error":"invalid_request","message":"n"} -> error INVALID_PARAMETER 400 exact
    provider.message: n
200 {"error":{"x":1}} -> none no_code
/dots/1 200 {"a.b":{"c[]":1}} -> error NOT_FOUND 404 exact
/dots/2 200 {"a":{"b":{"c[]":1}}} -> none no_code
/dots/3 200 {"with space":"1"} -> error NOT_FOUND 404 exact



=== TEST 7: a value under nocode is no code, and the next path is asked
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     result code;
        nocode   0 "n/a" NONE;
        success  1000;
        error    0     INTERNAL;
        error    3104  INVALID_PARAMETER;
    }
--- provider: acme
--- cases
200 {"code":0} -> none no_code
200 {"code":"0"} -> none no_code
200 {"code":" N/A "} -> none no_code
200 {"code":"none"} -> none no_code
200 {"result":0,"code":3104} -> error INVALID_PARAMETER 400 exact
429 {"name":"x","code":0,"status":429} -> error RATE_LIMITED 429 status no_code
200 {"result":"00"} -> error UNKNOWN 502 none



=== TEST 8: an alias names a value of the wire; both forms mean the same, rows and provider.code show the name
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     motivo;
        alias    0   SUCESSO;
        alias    11  PARAMETRO_INVALIDO;
        alias    60  "Não Encontrado";
        success  SUCESSO;
        error    PARAMETRO_INVALIDO  INVALID_PARAMETER;
        error    60                  NOT_FOUND;
        error    1x                  INTERNAL;
    }
--- provider: acme
--- cases
200 {"motivo":0} -> success OK 200 exact
200 {"motivo":"sucesso"} -> success OK 200 exact
405 {"motivo":11} -> error INVALID_PARAMETER 400 exact
    provider.code: PARAMETRO_INVALIDO
405 {"motivo":"11"} -> error INVALID_PARAMETER 400 exact
    provider.code: PARAMETRO_INVALIDO
405 {"motivo":"Parametro_Invalido"} -> error INVALID_PARAMETER 400 exact
    provider.code: Parametro_Invalido
404 {"motivo":60} -> error NOT_FOUND 404 exact
    provider.code: Não Encontrado
404 {"motivo":"não encontrado"} -> error NOT_FOUND 404 exact
200 {"motivo":12} -> error INTERNAL 500 class
    provider.code: 12



=== TEST 9: an alias of a number leaves the rows of that HTTP status alone
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code    c;
        alias   404  NOT_THERE;
        alias   429  SLOW;
        error   NOT_THERE  CALL_NOT_FOUND;
        status  404        EXTENSION_NOT_FOUND;
        status  429        QUOTA_EXCEEDED;
    }
--- provider: acme
--- cases
200 {"c":404} -> error CALL_NOT_FOUND 404 exact
404 {"c":404} -> error CALL_NOT_FOUND 404 exact
404 {} -> error EXTENSION_NOT_FOUND 404 status no_code
429 {} -> error QUOTA_EXCEEDED 429 status no_code



=== TEST 10: a class covers every code with its digits; of two classes the one with more digits counts
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        success  1000 1XXX;
        notice   11xx  CALL_ENDED;
        error    2xxx  BILLING_REFUSED;
        error    221x  QUOTA_EXCEEDED;
        error    22xx  INSUFFICIENT_FUNDS;
        error    2210  LIMIT_REACHED;
        error    5x    INTERNAL;
        error    12\x4  NO_CHANGES;
    }
--- provider: acme
--- cases
200 {"c":2210} -> error LIMIT_REACHED 409 exact
200 {"c":2219} -> error QUOTA_EXCEEDED 429 class
    provider.code: 2219
200 {"c":"2219"} -> error QUOTA_EXCEEDED 429 class
200 {"c":2290} -> error INSUFFICIENT_FUNDS 402 class
200 {"c":2999} -> error BILLING_REFUSED 402 class
200 {"c":22190} -> error UNKNOWN 502 none
200 {"c":221} -> error UNKNOWN 502 none
200 {"c":"221a"} -> error UNKNOWN 502 none
200 {"c":"221x"} -> error UNKNOWN 502 none
200 {"c":51} -> error INTERNAL 500 class
200 {"c":5} -> error UNKNOWN 502 none
200 {"c":1000} -> success OK 200 exact
200 {"c":1090} -> success OK 200 class
200 {"c":1199} -> notice CALL_ENDED 200 class
200 {"c":"12x4"} -> error NO_CHANGES 409 exact
200 {"c":-219} -> error UNKNOWN 502 none
200 {"c":123456789012345678901234567890123456} -> error UNKNOWN 502 none



=== TEST 11: of two patterns the one with more literal characters counts, of equal ones the earlier
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        error    missing_*      MISSING_PARAMETER;
        error    missing_number* NUMBER_NOT_FOUND;
        error    *_in_use*      RESOURCE_IN_USE;
        error    a*b            NOT_FOUND;
        error    *ab            NO_CHANGES;
        error    жжж*           INVALID_FILE;
        error    *b12345        WEAK_PASSWORD;
        error    жжжж*          OUT_OF_RANGE;
        error    missing_x      ALREADY_EXISTS;
    }
--- provider: acme
--- cases
200 {"c":"missing_"} -> error MISSING_PARAMETER 400 pattern
200 {"c":"MISSING_method"} -> error MISSING_PARAMETER 400 pattern
200 {"c":"missing_number"} -> error NUMBER_NOT_FOUND 404 pattern
200 {"c":"missing_number_in_use"} -> error NUMBER_NOT_FOUND 404 pattern
200 {"c":"missing_x_in_use"} -> error MISSING_PARAMETER 400 pattern
200 {"c":"did_in_use_by_x"} -> error RESOURCE_IN_USE 409 pattern
200 {"c":"missing_x"} -> error ALREADY_EXISTS 409 exact
200 {"c":"aab"} -> error NOT_FOUND 404 pattern
200 {"c":"bab"} -> error NO_CHANGES 409 pattern
200 {"c":"missin"} -> error UNKNOWN 502 none
# characters are counted, not bytes: four letters against six
200 {"c":"ЖЖЖЖb12345"} -> error WEAK_PASSWORD 400 pattern
200 {"c":"ЖЖЖЖb"} -> error OUT_OF_RANGE 400 pattern



=== TEST 12: exact before class before pattern before absent before status, however the rows are narrowed
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        message  m;
        scope    $arg_s;
        error    22*   "message=*" scope=s status=2xx  WEAK_PASSWORD;
        error    22xx  "message=*" scope=s status=2xx  INVALID_FILE;
        error    2210  NO_CHANGES;
        error    2211  scope=t     LIMIT_REACHED;
        error    3*    NOT_FOUND;
        absent         ALREADY_EXISTS;
        status   404   EXTENSION_NOT_FOUND;
        status   4xx   CALL_NOT_FOUND;
    }
--- provider: acme
--- cases
/api/1?s=s 200 {"c":2210,"m":"x"} -> error NO_CHANGES 409 exact
/api/2?s=s 200 {"c":2211,"m":"x"} -> error INVALID_FILE 400 message
/api/3?s=t 200 {"c":2211,"m":"x"} -> error LIMIT_REACHED 409 exact
/api/4?s=t 200 {"c":2212,"m":"x"} -> error UNKNOWN 502 none
/api/5?s=s 200 {"c":2212} -> error UNKNOWN 502 none
/api/6?s=s 404 {"c":2212,"m":"x"} -> error EXTENSION_NOT_FOUND 404 status
/api/7?s=s 200 {"c":22,"m":"x"} -> error WEAK_PASSWORD 400 message
/api/8 404 {"c":3} -> error NOT_FOUND 404 pattern
/api/9 404 {"x":3} -> error ALREADY_EXISTS 409 absent
/api/10 404 <html> -> error EXTENSION_NOT_FOUND 404 status not_json
/api/11 410 <html> -> error CALL_NOT_FOUND 404 status not_json
/api/12 200 {} -> error ALREADY_EXISTS 409 absent



=== TEST 13: among the rows of a code those by message go before those by scope before those by status
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        message  m;
        scope    $arg_s;
        error 1                                          INTERNAL;
        error 1  status=4xx                              NOT_FOUND;
        error 1  status=404                              CALL_NOT_FOUND;
        error 1  scope=s                                 EXTENSION_NOT_FOUND;
        error 1  scope=s status=4xx                      MEDIA_NOT_FOUND;
        error 1  scope=s status=404                      NUMBER_NOT_FOUND;
        error 1  "message=*x*"                           ALREADY_EXISTS;
        error 1  status=404 "message=*x*"                RESOURCE_IN_USE;
        error 1  "message=*x*" scope=S                   LIMIT_REACHED;
        error 1  "message=*x*" scope=s status=404        NO_CHANGES;
        error 1  "message=*x*" scope=s status=4xx        CALL_NOT_ACTIVE;
        error 1  "message=x yz"                          INVALID_FILE;
    }
--- provider: acme
--- cases
/api/1 500 {"c":1} -> error INTERNAL 500 exact
/api/2 200 {"c":1} -> error INTERNAL 500 exact
/api/3 403 {"c":1} -> error NOT_FOUND 404 exact
/api/4 404 {"c":1} -> error CALL_NOT_FOUND 404 exact
/api/5?s=s 500 {"c":1} -> error EXTENSION_NOT_FOUND 404 exact
/api/6?s=S 403 {"c":1} -> error MEDIA_NOT_FOUND 404 exact
/api/7?s=s 404 {"c":1} -> error NUMBER_NOT_FOUND 404 exact
/api/8?s=t 404 {"c":1} -> error CALL_NOT_FOUND 404 exact
/api/9 403 {"c":1,"m":"x"} -> error ALREADY_EXISTS 409 message
/api/10 404 {"c":1,"m":"x"} -> error RESOURCE_IN_USE 409 message
/api/11?s=s 500 {"c":1,"m":"x"} -> error LIMIT_REACHED 409 message
/api/12?s=s 404 {"c":1,"m":"x"} -> error NO_CHANGES 409 message
/api/13?s=s 403 {"c":1,"m":"x"} -> error CALL_NOT_ACTIVE 409 message
/api/14 403 {"c":1,"m":"x yz"} -> error INVALID_FILE 400 message
/api/15?s=s 404 {"c":1,"m":"y"} -> error NUMBER_NOT_FOUND 404 exact



=== TEST 14: of two templates the one with more literal characters counts, then the earlier
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        message  m;
        error 1  "message={a} inválido"        INVALID_PARAMETER;
        error 1  "message=ramal {a} inválido"  EXTENSION_NOT_FOUND;
        error 1  "message=*"                   INTERNAL;
        error 1  "message=ramal {a}"           NOT_FOUND;
        error 1  "message=x{a}zz"              NO_CHANGES;
        error 1  "message=xy{a}z"              LIMIT_REACHED;
    }
--- provider: acme
--- cases
200 {"c":1,"m":"ramal 11 inválido"} -> error EXTENSION_NOT_FOUND 404 message
200 {"c":1,"m":"fila 11 inválido"} -> error INVALID_PARAMETER 400 message
200 {"c":1,"m":"ramal 11"} -> error NOT_FOUND 404 message
200 {"c":1,"m":"anything"} -> error INTERNAL 500 message
200 {"c":1,"m":"xyzz"} -> error NO_CHANGES 409 message
200 {"c":1} -> error UNKNOWN 502 none
200 {"c":1,"m":""} -> error UNKNOWN 502 none



=== TEST 15: {name} and * match any text, also none; templates are anchored; captures fill the sentence
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        message  m;
        error 1  "message=ramal {ramal} de {dono}*"  ALREADY_EXISTS  "Extension {ramal} of {dono} exists, {x and {}";
        error 2  "message=a.b|c(d)^$ [e] \\{f\\} \\* g?"  NOT_FOUND;
        error 3  "message={field}: {detail}"  INVALID_PARAMETER  "Bad {field}: {detail}.";
        error 4  "message=one\ntwo {x}"  INVALID_PARAMETER  "<{x}>";
    }
--- provider: acme
--- cases
200 {"c":1,"m":"Ramal 4001 de Ana Maria"} -> error ALREADY_EXISTS 409 message
    detail: Extension 4001 of  exists, {x and {}
200 {"c":1,"m":"ramal  de "} -> error UNKNOWN 502 none
200 {"c":1,"m":"ramal 1 de x"} -> error ALREADY_EXISTS 409 message
200 {"c":1,"m":"o ramal 1 de x"} -> error UNKNOWN 502 none
200 {"c":2,"m":"a.b|c(d)^$ [e] {f} * g?"} -> error NOT_FOUND 404 message
200 {"c":2,"m":"aXb|c(d)^$ [e] {f} * g?"} -> error UNKNOWN 502 none
200 {"c":2,"m":"a.b"} -> error UNKNOWN 502 none
200 {"c":3,"m":"to: bad number"} -> error INVALID_PARAMETER 400 message
    detail: Bad to: bad number.
    errors.0.field: to
    errors.0.detail: bad number
200 {"c":3,"m":": x"} -> error INVALID_PARAMETER 400 message
    errors.0.field:
    errors.0.detail: x
200 {"c":4,"m":"one\ntwo \"\\\u0001"} -> error INVALID_PARAMETER 400 message
200 {"c":4,"m":"one two x"} -> error UNKNOWN 502 none



=== TEST 16: field paths name the offending parameters, joined by element; a row's field= stands in where there are none
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     code;
        message  message;
        field    errors[].name  detail=errors[].text  pointer=errors[].source.pointer;
        field    param;
        error    1             INVALID_PARAMETER;
        error    2  field=to   INVALID_PHONE_NUMBER;
        error    3  field=to "message=*: {detail}"  INVALID_PHONE_NUMBER;
    }
--- provider: acme
--- cases
200 {"code":1,"errors":[{"name":"a","text":"A"},{"text":"B","name":"b","source":{"pointer":"/b"}},{"text":"C"}]} -> error INVALID_PARAMETER 400 exact
    errors.0.field: a
    errors.0.detail: A
    errors.0.pointer:
    errors.1.field: b
    errors.1.detail: B
    errors.1.pointer: /b
    errors.2:
200 {"param":"p","code":1,"errors":[]} -> error INVALID_PARAMETER 400 exact
    errors.0.field: p
200 {"code":1,"param":"p","errors":[{"name":"a"}]} -> error INVALID_PARAMETER 400 exact
    errors.0.field: a
    errors.1.field: p
200 {"code":1} -> error INVALID_PARAMETER 400 exact
    errors:
200 {"code":2} -> error INVALID_PHONE_NUMBER 400 exact
    errors.0.field: to
200 {"code":2,"param":"p"} -> error INVALID_PHONE_NUMBER 400 exact
    errors.0.field: p
    errors.1:
200 {"code":3,"message":"bad: no plus"} -> error INVALID_PHONE_NUMBER 400 message
    errors.0.field: to
    errors.0.detail: no plus
200 {"code":1,"param":17} -> error INVALID_PARAMETER 400 exact
    errors.0.field: 17



=== TEST 17: absent rows judge a complete body without a code, by status, scope and message
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        message  error m;
        scope    $arg_s;
        absent   success;
        absent   scope=s                      NOT_FOUND  "Nothing in {braces as they are";
        absent   status=202                   NO_CHANGES;
        absent   "message=no {thing}"         MISSING_PARAMETER  "Give {thing}";
        absent   "message=no x" status=404    CALL_NOT_FOUND;
        absent   status=4xx                   INVALID_PARAMETER;
    }
    telephony_catalog textonly {
        message  error;
        absent   "message=*not found*"  NOT_FOUND;
        absent   "message=*"            UNKNOWN;
        absent   success;
    }
    telephony_catalog never { code c; error 9 NOT_FOUND; }
--- config
    location /text/  { telephony_errors textonly; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
    location /never/ { telephony_errors never; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: acme
--- cases
200 {"x":1} -> success OK 200 absent
200 [] -> success OK 200 absent
/api/s1?s=S 200 {} -> error NOT_FOUND 404 absent
    detail: Nothing in {braces as they are
202 {} -> error NO_CHANGES 409 absent
200 {"error":"no number"} -> error MISSING_PARAMETER 400 message
    detail: Give number
    provider.message: no number
    provider.code:
200 {"m":"no number"} -> error MISSING_PARAMETER 400 message
/api/s2?s=s 200 {"m":"no number"} -> error MISSING_PARAMETER 400 message
404 {"m":"no x"} -> error CALL_NOT_FOUND 404 message
404 {"m":"no"} -> error INVALID_PARAMETER 400 absent
404 <html> -> error NOT_FOUND 404 status not_json
500 {} -> error INTERNAL 500 status no_code
200 {"c":"a"} -> error UNKNOWN 502 none
200 {"x":1 -> none truncated
200 <html> -> none not_json
/text/1 404 {"api_id":"1","error":"Resource not found."} -> error NOT_FOUND 404 message
/text/2 400 {"error":"strange"} -> error UNKNOWN 400 message
/text/3 200 {"api_id":"1"} -> success OK 200 absent
/text/4 400 {"api_id":"1"} -> error INVALID_PARAMETER 400 status no_code
/never/1 200 {"x":1} -> none no_code



=== TEST 18: status rows, NNN and Nxx, narrowed by scope and message; the catalog's before the general ones
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        message  m;
        scope    $arg_s;
        success  ok;
        status   405 418              INVALID_PARAMETER  "Bad input";
        status   404  scope=call      CALL_NOT_FOUND;
        status   404  "message=*fila*" MEDIA_NOT_FOUND  "No queue";
        status   5XX                  CAPACITY_UNAVAILABLE;
        status   502                  MESSAGE_NOT_SENT;
    }
--- provider: acme
--- cases
405 {} -> error INVALID_PARAMETER 400 status no_code
    detail: Bad input
418 {"c":"strange"} -> error INVALID_PARAMETER 400 status
    provider.code: strange
405 {"c":"ok"} -> error INVALID_PARAMETER 400 status
404 {} -> error NOT_FOUND 404 status no_code
/api/s?s=CALL 404 {} -> error CALL_NOT_FOUND 404 status no_code
404 {"m":"a fila b"} -> error MEDIA_NOT_FOUND 404 message no_code
    provider.message: a fila b
/api/t?s=call 404 {"m":"a fila b"} -> error MEDIA_NOT_FOUND 404 message no_code
500 <html> -> error CAPACITY_UNAVAILABLE 503 status not_json
502 <html> -> error MESSAGE_NOT_SENT 502 status not_json
504 -> error CAPACITY_UNAVAILABLE 503 status empty
401 {} -> error UNAUTHENTICATED 401 status no_code
HEAD /api/h 405 {} -> error INVALID_PARAMETER 400 status head



=== TEST 19: rows by HTTP status: NNN before Nxx, also 2xx, and a notice or a success never with 4xx or 5xx
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        error    1  status=2xx  NOT_FOUND;
        error    1  status=201  NO_CHANGES;
        error    1  status=5xx  INTERNAL;
        success  2;
        notice   3  NO_RESULTS;
        error    3  status=4xx  MEDIA_NOT_FOUND;
        success  4  status=200;
        error    4  NO_CHANGES;
    }
--- provider: acme
--- cases
200 {"c":1} -> error NOT_FOUND 404 exact
201 {"c":1} -> error NO_CHANGES 409 exact
503 {"c":1} -> error INTERNAL 500 exact
403 {"c":1} -> error PERMISSION_DENIED 403 status
403 {"c":2} -> error PERMISSION_DENIED 403 status
    provider.code: 2
403 {"c":3} -> error MEDIA_NOT_FOUND 404 exact
503 {"c":3} -> error PROVIDER_UNAVAILABLE 503 status
200 {"c":3} -> notice NO_RESULTS 200 exact
200 {"c":4} -> success OK 200 exact
201 {"c":4} -> error NO_CHANGES 409 exact



=== TEST 20: the scope is any value of nginx, empty or foreign ones match no narrowed row
--- catalogs: codes
--- http_config
    map $uri $part {
        ~^/api/(?<first>[a-z]+)  $first;
        default                  "";
    }
    telephony_catalog acme {
        code   c;
        scope  " $part ";
        error  1  scope=ramal  EXTENSION_NOT_FOUND;
        error  1  scope=ação   MEDIA_NOT_FOUND;
        error  1  NOT_FOUND;
    }
    telephony_catalog fixed {
        code   c;
        scope  "x-$request_method";
        error  1  scope=X-get  CALL_NOT_FOUND;
    }
    telephony_catalog utf {
        code   c;
        scope  AÇÃO;
        error  1  scope=ação   MEDIA_NOT_FOUND;
    }
--- config
    location /fixed/ { telephony_errors fixed; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
    location /utf/   { telephony_errors utf; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: acme
--- cases
/api/ramal 404 {"c":1} -> error EXTENSION_NOT_FOUND 404 exact
/api/fila 404 {"c":1} -> error NOT_FOUND 404 exact
/api/1 404 {"c":1} -> error NOT_FOUND 404 exact
/fixed/1 200 {"c":1} -> error CALL_NOT_FOUND 404 exact
POST /fixed/2 200 {"c":1} -> error UNKNOWN 502 none
/utf/1 200 {"c":1} -> error MEDIA_NOT_FOUND 404 exact



=== TEST 21: an extension read before its base: rows, aliases, nocodes and settings of the extension win
--- catalogs: codes
--- user_files eval: $::settings
--- http_config
    include ../html/1.conf;
    include ../html/2.conf;
--- provider: acme
--- cases
200 {"c":1,"m":"text"} -> error NO_CHANGES 409 exact
    detail: text
200 {"c":1} -> error NO_CHANGES 409 exact
    detail: ours
200 {"c":2,"m":"x y"} -> error LIMIT_REACHED 409 message
    provider.code: DOIS
200 {"c":-1} -> error CALL_NOT_FOUND 404 absent
200 {"c":5} -> success OK 200 exact
200 {"c":70} -> error INVALID_FILE 400 class
200 {"c":"bb"} -> error WEAK_PASSWORD 400 pattern
404 <html> -> error MEDIA_NOT_FOUND 404 status not_json
/api/o?ours=s 200 {"c":9} -> error UNAUTHENTICATED 401 exact
/api/t?theirs=s 200 {"c":9} -> error UNKNOWN 502 none
200 {"c":6} -> error PROVIDER_TIMEOUT 504 exact
    retryable: false



=== TEST 22: the same files the other way round
--- catalogs: codes
--- user_files eval: $::settings
--- http_config
    include ../html/2.conf;
    include ../html/1.conf;
--- provider: acme
--- cases
200 {"c":1,"m":"text"} -> error NO_CHANGES 409 exact
    detail: text
200 {"c":2,"m":"x y"} -> error LIMIT_REACHED 409 message
    provider.code: DOIS
200 {"c":-1} -> error CALL_NOT_FOUND 404 absent
200 {"c":5} -> success OK 200 exact
200 {"c":70} -> error INVALID_FILE 400 class
200 {"c":"bb"} -> error WEAK_PASSWORD 400 pattern
404 <html> -> error MEDIA_NOT_FOUND 404 status not_json
/api/o?ours=s 200 {"c":9} -> error UNAUTHENTICATED 401 exact
/api/t?theirs=s 200 {"c":9} -> error UNKNOWN 502 none
200 {"c":6} -> error PROVIDER_TIMEOUT 504 exact
    retryable: false



=== TEST 23: of equally literal templates and patterns the extension's goes first, whatever the order of files and lines
--- catalogs: codes
--- user_files eval: $::ties
--- http_config
    include ../html/base.conf;
    include ../html/ours.conf;
--- provider: acme
--- cases
200 {"c":1,"m":"abc"} -> error ALREADY_EXISTS 409 message
200 {"c":"abc"} -> error ALREADY_EXISTS 409 pattern
200 {"c":"dde"} -> error NO_CHANGES 409 pattern



=== TEST 24: the same with the extension read first
--- catalogs: codes
--- user_files eval: $::ties
--- http_config
    include ../html/ours.conf;
    include ../html/base.conf;
--- provider: acme
--- cases
200 {"c":1,"m":"abc"} -> error ALREADY_EXISTS 409 message
200 {"c":"abc"} -> error ALREADY_EXISTS 409 pattern
200 {"c":"dde"} -> error NO_CHANGES 409 pattern



=== TEST 25: several blocks, includes inside a block, comments and both quotes, in whatever order
--- catalogs: none
--- user_files
>>> rows.inc
error 1  NOT_FOUND;        # one
error 2  'NO_CHANGES'  "It is \"so\"";
>>> more.inc
include ../html/rows.inc;
success ok;
--- http_config
    telephony_catalog acme {
        error 4  INTERNAL;
    }
    telephony_catalog acme {
        code c; include ../html/more.inc;

        error 3 ALREADY_EXISTS 'it; # "is"';
    }
    telephony_catalog acme { error 5 OUT_OF_RANGE; }
    include $TEST_NGINX_CATALOGS/codes.conf;
--- provider: acme
--- cases
200 {"c":1} -> error NOT_FOUND 404 exact
200 {"c":2} -> error NO_CHANGES 409 exact
    detail: It is "so"
200 {"c":3} -> error ALREADY_EXISTS 409 exact
    detail: it; # "is"
200 {"c":4} -> error INTERNAL 500 exact
200 {"c":5} -> error OUT_OF_RANGE 400 exact
200 {"c":"OK"} -> success OK 200 exact



=== TEST 26: the language of the vendor's texts: English ones are the detail, others stay in provider.message
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code c; message m; language en-AU;
        error 1 NOT_FOUND "The sentence";
        error 2 NOT_FOUND;
    }
    telephony_catalog pt {
        code c; message m; language pt-BR;
        error 1 NOT_FOUND "The sentence";
        error 2 NOT_FOUND;
    }
    telephony_catalog none {
        code c; message m;
        error 1 NOT_FOUND "The sentence";
    }
--- config
    location /pt/   { telephony_errors pt; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
    location /none/ { telephony_errors none; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: acme
--- cases
200 {"c":1,"m":" text "} -> error NOT_FOUND 404 exact
    detail: text
    message: text
    provider.message: text
200 {"c":1,"m":" "} -> error NOT_FOUND 404 exact
    detail: The sentence
    provider.message:
200 {"c":1} -> error NOT_FOUND 404 exact
    detail: The sentence
200 {"c":2} -> error NOT_FOUND 404 exact
    detail: Resource not found
/pt/1 200 {"c":1,"m":"texto"} -> error NOT_FOUND 404 exact
    detail: The sentence
    message: The sentence
    provider.message: texto
/pt/2 200 {"c":2,"m":"texto"} -> error NOT_FOUND 404 exact
    detail: Resource not found
/none/1 200 {"c":1,"m":"text"} -> error NOT_FOUND 404 exact
    detail: The sentence



=== TEST 27: several message paths: the first with a text, numbers too
--- catalogs: codes
--- http_config
    telephony_catalog acme { code c; message a b.c; message d; error 1 NOT_FOUND; }
--- provider: acme
--- cases
200 {"d":"D","b":{"c":"C"},"a":"A","c":1} -> error NOT_FOUND 404 exact
    provider.message: A
200 {"d":"D","b":{"c":"C"},"a":"","c":1} -> error NOT_FOUND 404 exact
    provider.message: C
200 {"d":"D","b":[],"a":null,"c":1} -> error NOT_FOUND 404 exact
    provider.message: D
200 {"a":17,"c":1} -> error NOT_FOUND 404 exact
    provider.message: 17
200 {"c":1} -> error NOT_FOUND 404 exact
    provider.message:



=== TEST 28: the provider may be given by a variable; empty, unknown and off are off, said once
--- http_config
    map $arg_p $p { default $arg_p; }
--- config
    location /api/ { telephony_errors $p; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- cases
/api/1?p=voipms 200 {"status":"no_did"} -> notice NO_RESULTS 200 exact
/api/2?p=mango  200 {"result":2219} -> error QUOTA_EXCEEDED 429 class
/api/3?p=off    200 {"status":"no_did"} -> 
/api/4?p=other  200 {"status":"no_did"} -> 
/api/5?p=other2 200 {"status":"no_did"} -> 
/api/6          200 {"status":"no_did"} -> 
--- grep_error_log eval: qr/names no telephony_catalog/
--- grep_error_log_out eval
["names no telephony_catalog\n", ""]



=== TEST 29: a backslash makes what would be a class, a list or a pattern a plain code
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        message  m;
        success  0;
        error    12\x4 CMN-1\xX  NOT_FOUND;
        error    22\x22         NO_CHANGES;
        error    1\x            INTERNAL;
        error    1x             LIMIT_REACHED;
        error    E2\,E3         INVALID_FILE;
        error    "Sorry, no"    WEAK_PASSWORD;
        error    a\*            ALREADY_EXISTS;
        error    a*             OUT_OF_RANGE;
        error    \~tilde        RESOURCE_IN_USE;
        error    App\\\\Error   NOT_IMPLEMENTED;
        error    taxi fax x1 0\x* MISSING_PARAMETER;
        error    9  "message=\~foo"  UNAUTHENTICATED;
        alias    7\x8           SEVEN;
        error    SEVEN          CALL_NOT_FOUND;
        nocode   n\*a;
        challenge Acme;
    }
--- provider: acme
--- cases
200 {"c":"12x4"} -> error NOT_FOUND 404 exact
200 {"c":"cmn-1XX"} -> error NOT_FOUND 404 exact
200 {"c":"22x22"} -> error NO_CHANGES 409 exact
200 {"c":"1x"} -> error INTERNAL 500 exact
200 {"c":"12"} -> error LIMIT_REACHED 409 class
200 {"c":"e2,e3"} -> error INVALID_FILE 400 exact
200 {"c":"sorry, NO"} -> error WEAK_PASSWORD 400 exact
200 {"c":"a*"} -> error ALREADY_EXISTS 409 exact
200 {"c":"ab"} -> error OUT_OF_RANGE 400 pattern
200 {"c":"~tilde"} -> error RESOURCE_IN_USE 409 exact
200 {"c":"app\\error"} -> error NOT_IMPLEMENTED 501 exact
200 {"c":"taxi"} -> error MISSING_PARAMETER 400 exact
200 {"c":"x1"} -> error MISSING_PARAMETER 400 exact
200 {"c":"0xff"} -> error MISSING_PARAMETER 400 pattern
200 {"c":"9","m":"~foo"} -> error UNAUTHENTICATED 401 message
200 {"c":"7x8"} -> error CALL_NOT_FOUND 404 exact
    provider.code: SEVEN
200 {"c":"n*a"} -> none no_code
200 {"c":"nba"} -> error UNKNOWN 502 none



=== TEST 30: a backslash before its first letter names a path that is called like a statement, also before n, r and t
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     \notice \repeatable \error \success.\code \status[].code code;
        message  \message \language a.message;
        success  0;
        error    1  NOT_FOUND;
    }
    telephony_catalog other_names {
        code     \table \$ref \/slash;
        success  0;
        error    1  NOT_FOUND;
    }
--- config
    location /other/ { telephony_errors other_names; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: acme
--- cases
200 {"notice":1,"message":"m"} -> error NOT_FOUND 404 exact
    provider.message: m
200 {"repeatable":1,"language":"l"} -> error NOT_FOUND 404 exact
    provider.message: l
200 {"error":1} -> error NOT_FOUND 404 exact
200 {"success":{"code":1}} -> error NOT_FOUND 404 exact
200 {"status":[{"code":1}]} -> error NOT_FOUND 404 exact
200 {"code":1} -> error NOT_FOUND 404 exact
/other/1 200 {"table":1} -> error NOT_FOUND 404 exact
/other/2 200 {"$ref":1} -> error NOT_FOUND 404 exact
/other/3 200 {"/slash":1} -> error NOT_FOUND 404 exact



=== TEST 31: a catalog that replaces a base stands in its place, with its extensions, whatever the order
--- catalogs: codes
--- http_config
    telephony_catalog before replaces {
        code     mine;
        success  0;
        error    1  NOT_FOUND;
        example  200 '{"mine":1}' error:NOT_FOUND;
    }
    telephony_catalog before {
        code     c;
        message  m;
        scope    $uri;
        language en;
        success  mine;
        error    1  "message=*"  INTERNAL;
        error    2  INTERNAL;
        nocode   0;
        example  200 '{"c":1}' error:NO_CHANGES;
    }
    telephony_catalog before { error 3 NO_CHANGES; }

    telephony_catalog behind { error 3 NO_CHANGES; }
    telephony_catalog behind {
        code     c;
        message  m;
        success  mine;
        error    2  INTERNAL;
        example  200 '{"c":1}' error:NO_CHANGES;
    }
    telephony_catalog behind replaces {
        code     mine;
        success  0;
        error    1  NOT_FOUND;
    }
    telephony_catalog alone replaces { code c; success 0; error 1 NOT_FOUND; }
--- config
    location /behind/ { telephony_errors behind; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
    location /alone/  { telephony_errors alone; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: before
--- cases
200 {"mine":0,"c":2} -> success OK 200 exact
200 {"mine":1,"m":"x"} -> error NOT_FOUND 404 exact
    detail: Resource not found
    provider.message:
200 {"mine":2} -> error UNKNOWN 502 none
200 {"mine":3} -> error NO_CHANGES 409 exact
200 {"c":2} -> none no_code
/behind/1 200 {"mine":1,"c":2} -> error NOT_FOUND 404 exact
/behind/2 200 {"mine":3} -> error NO_CHANGES 409 exact
/behind/3 200 {"mine":2} -> error UNKNOWN 502 none
/behind/4 200 {"c":2} -> none no_code
/alone/1 200 {"c":1} -> error NOT_FOUND 404 exact
