# Answers that are no JSON, and codes that stand elsewhere than at a path: in a
# text, inside a value, in a header, behind another code.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;
use TelephonyCases;

our $acme = <<'END';
    telephony_catalog acme {
        code     code;
        message  text;
        text     ~  "(?s)<Error>.*?<Code>(?<code>[^<]*)</Code>(?:.*?<Message>(?<message>[^<]*))?(?:.*?<Field>(?<field>[^<]*)</Field><Why>(?<detail>[^<]*))?";
        text     ~* "(?m)^error:? *(?<code>[0-9]+)(?:, *(?<message>.*?))? *\r?$";
        text     ~  "^OK" code=OK;
        text     ~  "<title>50" code=busy;
        nocode   none;
        alias    13 INVALID_TO;
        success  0 OK;
        notice   5      NO_RESULTS;
        error    1      MISSING_PARAMETER  "A parameter is missing";
        error    INVALID_TO  INVALID_PHONE_NUMBER;
        error    2      RATE_LIMITED;
        error    2      "message=slow {x}" QUOTA_EXCEEDED "Slow: {x}";
        error    busy   PROVIDER_UNAVAILABLE;
    }
END

our $lines = <<'END';
    telephony_catalog acme {
        code      code;
        text each ~ "(?m)^(?|ERR: (?<code>\\d+), (?<message>.*?)(?: To:(?<field>\\d+))?|(?<code>OK)|ID: \\w+)$";
        success   0 OK;
        notice    5  NO_RESULTS;
        error     1  MISSING_PARAMETER;
        error     2  "message=slow {x}" RATE_LIMITED "Slow: {x}";
    }
END

run_tests();

__DATA__

=== TEST 1: a text is read by the first pattern that matches, as a body by its paths
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases_bodies eval
{ xml  => qq(<?xml version="1.0"?>\n<Error>\n <Code>1</Code>\n <Message>No to</Message>\n</Error>\n),
  both => qq(ERROR: 2\n<Error><Code>1</Code></Error>),
  crlf => qq(error 2, slow down\r\nmore\r\n),
  bom  => qq(\xef\xbb\xbfERROR 1),
  odd  => qq(ERROR 2, slow \xff\xfe) }
--- cases
200 @xml -> error MISSING_PARAMETER 400 exact
    detail: A parameter is missing
    provider.code: 1
    provider.message: No to
200 <Error><Code>2</Code><Message>slow you</Message></Error> -> error QUOTA_EXCEEDED 429 message
    detail: Slow: you
200 <Error><Code>1</Code><Field>to</Field><Why>is empty</Why></Error> -> error MISSING_PARAMETER 400 exact
    errors.0.field: to
    errors.0.detail: is empty
200 ERROR: 2 -> error RATE_LIMITED 429 exact
200 error 2, slow me -> error QUOTA_EXCEEDED 429 message
200 @crlf -> error QUOTA_EXCEEDED 429 message
    provider.message: slow down
200 @odd -> error QUOTA_EXCEEDED 429 message
200 @bom -> error MISSING_PARAMETER 400 exact
200 error 13 -> error INVALID_PHONE_NUMBER 400 exact
    provider.code: INVALID_TO
200 Error 99, what -> error UNKNOWN 502 none
    provider.code: 99
    provider.message: what
200 OK 123 -> success OK 200 exact
200 error 0 -> success OK 200 exact
200 error 5 -> notice NO_RESULTS 200 exact
200 <html><title>503 Busy</title></html> -> error PROVIDER_UNAVAILABLE 503 exact
# of the patterns the first in order, not in the text
200 @both -> error MISSING_PARAMETER 400 exact
# JSON is read by its paths
200 {"code":1,"text":"error 2"} -> error MISSING_PARAMETER 400 exact
200 {"text":"error 2"} -> none no_code
200 [ERROR 2] -> none not_json
200 17 -> none no_code



=== TEST 2: without a match a 2xx is none, an error status is judged by the status
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
200 <html>hello</html> -> none no_code
200 <Error><Code></Code></Error> -> none no_code
200 <Error><Code>none</Code></Error> -> none no_code
404 <html>hello</html> -> error NOT_FOUND 404 status no_code
404 ERROR 1 -> error MISSING_PARAMETER 400 exact
404 OK -> error NOT_FOUND 404 status
404 ERROR 99 -> error NOT_FOUND 404 status
    provider.code: 99
404 <Error><Code></Code><Message>gone</Message></Error> -> error NOT_FOUND 404 status no_code
    provider.message: gone
404 [ERROR 1] -> error NOT_FOUND 404 status not_json



=== TEST 3: without a text statement nothing changes
--- catalogs: codes
--- http_config
    telephony_catalog acme { code code; success 0; error 1 NOT_FOUND; absent success; }
--- provider: acme
--- cases
200 ERROR 1 -> none not_json
404 ERROR 1 -> error NOT_FOUND 404 status not_json



=== TEST 4: absent is for a text in which a pattern matches without a code, not for any other
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     code;
        text     ~ "<Result>(?:<Code>(?<code>\\d+))?(?:.*<Message>(?<message>[^<]*))?";
        text each ~ "(?m)^(?:ERR (?<code>\\d+)|ID \\d+)$";
        success  0;
        error    1  NOT_FOUND;
        absent   "message=*busy*"  RATE_LIMITED;
        absent   success;
    }
--- provider: acme
--- cases_bodies eval
{ ids => "ID 1\nID 2\n" }
--- cases
200 <Result></Result> -> success OK 200 absent
200 <Result><Message>busy</Message></Result> -> error RATE_LIMITED 429 message
200 <Result><Code>1</Code></Result> -> error NOT_FOUND 404 exact
200 <html></html> -> none no_code
200 @ids -> success OK 200 absent
200 {} -> success OK 200 absent
404 <Result></Result> -> error NOT_FOUND 404 status no_code



=== TEST 5: each match is an element: all failed is an error, some is PARTIAL_FAILURE
--- catalogs: codes
--- http_config eval: $::lines
--- provider: acme
--- cases_bodies eval
{ failed  => "ERR: 2, slow you To:1\nERR: 1, no To:2\n",
  partial => "ID: a1\nERR: 1, no To:2\n",
  other   => "ERR: 1, no To:2\nOK\n",
  good    => "ID: a1\nID: a2\n",
  fine    => "OK\nOK\n",
  notice  => "ERR: 5, none To:1\nID: a\n",
  unknown => "ERR: 77, what To:1\nERR: 1, no\n" }
--- cases
200 @failed -> error RATE_LIMITED 429 message
    detail: Slow: you
    provider.code: 2
    errors.0.field: 1
    errors.1:
200 @partial -> notice PARTIAL_FAILURE 200 exact
200 @other -> notice PARTIAL_FAILURE 200 exact
200 @good -> none no_code
200 @fine -> success OK 200 exact
200 @notice -> notice NO_RESULTS 200 exact
200 @unknown -> error UNKNOWN 502 none
    provider.code: 77
    provider.message: what
404 @unknown -> error MISSING_PARAMETER 400 exact
200 ERR: 1, no -> error MISSING_PARAMETER 400 exact



=== TEST 6: a match of nothing is one element
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     code;
        text each ~ "(?=ERR (?<code>\\d))";
        text each ~ "(?=é(?<code>\\d))";
        success  0;
        error    1  NOT_FOUND;
    }
--- provider: acme
--- cases
200 ERR 1 -> error NOT_FOUND 404 exact
200 ERR 1ERR 0 -> notice PARTIAL_FAILURE 200 exact
200 ERR 1 ERR 1 -> error NOT_FOUND 404 exact
200 éé1 -> error NOT_FOUND 404 exact



=== TEST 7: the first 4,096 bytes are searched, and what reaches their end is not there
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases_bodies eval
my $x = '.' x 4083;
{ in    => "$x\nERROR 1\n" . '.' x 4000,
  at    => "$x....\nERROR 13",
  cut   => "$x....\nERROR 13" . "\n." x 4000,
  behind => "$x........................\nERROR 1\n",
  first => "OK" . '.' x 100000 }
--- cases
200 @in -> error MISSING_PARAMETER 400 exact
200 @at -> error INVALID_PHONE_NUMBER 400 exact
200 @cut -> none no_code
200 @behind -> none no_code
200 @first -> success OK 200 exact
404 @behind -> error NOT_FOUND 404 status no_code



=== TEST 8: so too when the bytes come in pieces
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_framing: chunked
--- upstream_split: 1300
--- upstream_gap: 0.01
--- cases_bodies eval
my $x = '.' x 4083;
{ in    => "$x\nERROR 1\n" . '.' x 4000,
  at    => "$x....\nERROR 13",
  cut   => "$x....\nERROR 13" . "\n." x 4000,
  behind => "$x........................\nERROR 1\n",
  first => "OK" . '.' x 10000 }
--- cases
200 @in -> error MISSING_PARAMETER 400 exact
200 @at -> error INVALID_PHONE_NUMBER 400 exact
200 @cut -> none no_code
200 @behind -> none no_code
200 @first -> success OK 200 exact



=== TEST 9: a window that is smaller counts as the end of what is searched
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    telephony_errors_window 256;
--- cases_bodies eval
my $x = '.' x 248;
{ cut  => "$x\nERROR 13\nmore",
  in   => "ERROR 1\n$x.........",
  none => "$x...............",
  all  => "$x\nERROR 1" }
--- cases
200 @cut -> none window
200 @in -> error MISSING_PARAMETER 400 exact
200 @none -> none window
200 @all -> error MISSING_PARAMETER 400 exact
404 @none -> error NOT_FOUND 404 status window



=== TEST 10: each says nothing of a 2xx that is longer, and what is known of an error status
--- catalogs: codes
--- http_config eval: $::lines
--- provider: acme
--- cases_bodies eval
{ long => "ERR: 1, no\n" x 500, few => "ERR: 1, no\n" x 300 }
--- cases
200 @long -> none too_large
404 @long -> error MISSING_PARAMETER 400 exact
200 @few -> error MISSING_PARAMETER 400 exact



=== TEST 11: text that is compressed is read, too
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_body: ERROR: 1, no
--- upstream_coding: gzip
--- request
GET /api/
--- error_code: 400
--- envelope
code: MISSING_PARAMETER
provider.message: no



=== TEST 12: an answer that breaks off: what was said stands, what was cut does not
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_body eval: "ERROR 1\n"
--- upstream_framing: chunked
--- upstream_end: die
--- request
GET /api/
--- error_code: 400
--- envelope
code: MISSING_PARAMETER



=== TEST 13: a code inside a value
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     type ~* "[#/](?<code>[a-z0-9]+)$";
        code     items[].uri ~ "^E-(?<code>\\d+)";
        code     code;
        message  text;
        success  0 Fine;
        error    Throttled  RATE_LIMITED;
        error    "message=slow {x}" 1 QUOTA_EXCEEDED "Slow: {x}";
        error    1  NOT_FOUND;
    }
--- provider: acme
--- cases
200 {"type":"https://acme.example/errors#THROTTLED"} -> error RATE_LIMITED 429 exact
    provider.code: THROTTLED
200 {"type":"\u0068ttps:\/\/acme.example\/1","text":"slow you"} -> error QUOTA_EXCEEDED 429 message
    provider.code: 1
    detail: Slow: you
200 {"type":"about:blank","code":1} -> error NOT_FOUND 404 exact
200 {"type":"about:blank"} -> none no_code
200 {"type":7,"code":0} -> success OK 200 exact
200 {"type":"a/fine","x":[] -> success OK 200 exact
200 {"type":"a/throttled","x":[] -> error RATE_LIMITED 429 exact
200 {"items":[{"uri":"E-1"},{"uri":"E-0"}]} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"uri":"E-1"},{"uri":"none"}]} -> notice PARTIAL_FAILURE 200 exact
200 {"items":[{"uri":"E-1 x"}]} -> error NOT_FOUND 404 exact
    provider.code: 1
200 {"items":[{"uri":"x"}],"code":"0"} -> success OK 200 exact



=== TEST 14: a code in a header, in its place of the order, also without a body
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     first header:X-Error-Code code;
        message  text;
        success  0;
        error    Throttled  RATE_LIMITED;
        error    1  NOT_FOUND;
        absent   success;
    }
--- provider: acme
--- upstream_headers
x-error-CODE: throttled
Content-Type: text/plain
--- error_code: 429
--- cases_bodies eval
{ none => '' }
--- cases
200 {"code":1,"text":"t"} -> error RATE_LIMITED 429 exact
    provider.code: throttled
    provider.message: t
200 {"first":1} -> error NOT_FOUND 404 exact
200 {} -> error RATE_LIMITED 429 exact
200 text -> error RATE_LIMITED 429 exact
200 @none -> error RATE_LIMITED 429 exact
500 @none -> error RATE_LIMITED 429 exact
HEAD /api/a 500  -> error RATE_LIMITED 429 exact
HEAD /api/b 200  -> error RATE_LIMITED 429 exact



=== TEST 15: without the header its place is empty, and the next path still lets an answer go early
--- catalogs: codes
--- http_config
    telephony_catalog acme { code header:X-Error-Code code; success 0; error 1 NOT_FOUND; nocode none; }
--- provider: acme
--- upstream_headers
X-Error-Code: none
--- cases
200 {"code":0,"x" -> success OK 200 exact
200 {"code":1} -> error NOT_FOUND 404 exact
200 {} -> none no_code
500 {} -> error INTERNAL 500 status no_code
HEAD /api/a 500  -> error INTERNAL 500 status head
HEAD /api/b 200  -> none head



=== TEST 16: a code without a row gives way to a later one that has a row
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     fine items[].fine coarse fallback;
        code     last;
        message  text;
        nocode   n/a;
        success  0;
        error    F*  NOT_FOUND;
        error    11  "message=slow*"  RATE_LIMITED;
        error    C1  INVALID_PARAMETER;
        error    L1  INTERNAL;
    }
--- provider: acme
--- cases
200 {"fine":"F1","coarse":"C1"} -> error NOT_FOUND 404 pattern
200 {"fine":"X1","coarse":"C1"} -> error INVALID_PARAMETER 400 exact
    provider.code: C1
200 {"coarse":"C1","fine":"X1"} -> error INVALID_PARAMETER 400 exact
200 {"fine":"X1","coarse":"0"} -> success OK 200 exact
200 {"fine":"X1","coarse":"X2"} -> error UNKNOWN 502 none
    provider.code: X1
200 {"fine":"X1"} -> error UNKNOWN 502 none
200 {"fine":"n/a","coarse":"X2"} -> error UNKNOWN 502 none
    provider.code: X2
200 {"fine":"X1","coarse":"X2","last":"L1"} -> error INTERNAL 500 exact
200 {"last":"X1"} -> error UNKNOWN 502 none
404 {"fine":"X1","coarse":"C1"} -> error INVALID_PARAMETER 400 exact
404 {"fine":"X1","coarse":"0"} -> error NOT_FOUND 404 status
    provider.code: X1
# a row for another message is none
200 {"fine":11,"coarse":"C1","text":"slow down"} -> error RATE_LIMITED 429 message
200 {"fine":11,"coarse":"C1","text":"fast"} -> error INVALID_PARAMETER 400 exact
200 {"fine":11 -> none truncated
# elements
200 {"items":[{"fine":"X1"}],"coarse":"C1"} -> error INVALID_PARAMETER 400 exact
200 {"items":[{"fine":"X1"}]} -> error UNKNOWN 502 none
    provider.code: X1
200 {"fine":"X1","items":[{"fine":"F1"}]} -> error NOT_FOUND 404 pattern
200 {"fine":"X1","items":[{"fine":"F1"},{"fine":0}]} -> notice PARTIAL_FAILURE 200 pattern
# nothing is decided before the other one was seen
200 {"fine":"X1","coarse":"0" -> none truncated
200 {"fine":"0","coarse" -> success OK 200 exact
200 {"fine":"F1","coarse" -> error NOT_FOUND 404 pattern
200 {"text":"a","fine":"F1","coarse" -> error NOT_FOUND 404 pattern



=== TEST 17: within an element, too
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     [].fine [].coarse fallback;
        success  0;
        error    F1  NOT_FOUND;
        error    C1  INVALID_PARAMETER;
    }
--- provider: acme
--- cases
200 [{"fine":"X","coarse":"C1"}] -> error INVALID_PARAMETER 400 exact
    provider.code: C1
200 [{"fine":"X","coarse":"0"}] -> success OK 200 exact
200 [{"fine":"X","coarse":"0"},{"fine":"F1"}] -> notice PARTIAL_FAILURE 200 exact
200 [{"fine":"X","coarse":"Y"}] -> error UNKNOWN 502 none
    provider.code: X



=== TEST 18: examples judge texts and headers
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     header:x-error code;
        text     ~ "ERROR (?<code>\\d+)";
        success  0;
        error    1  NOT_FOUND;
        error    2  RATE_LIMITED;

        example  200 "ERROR 1"  error:NOT_FOUND;
        example  200 "hello"  none;
        example  header:X-Error=2 200 "{\"code\":1}"  error:RATE_LIMITED;
        example  match=exact header:X-Error=2 500 ""  error:RATE_LIMITED;
    }
--- provider: acme
--- cases
200 ERROR 1 -> error NOT_FOUND 404 exact



=== TEST 19: explain tells of a text by which pattern each value was found
--- catalogs: codes
--- http_config eval: $::lines
--- config
    location = /explain { telephony_errors_explain acme; }
--- request
POST /explain
ID: a
ERR: 1, no To:2
--- json
verdict: notice
code: PARTIAL_FAILURE
provider_code: 1
provider_message: no
values.#: 3
values.0.path: text
values.0.pattern: (?m)^(?|ERR: (?<code>\d+), (?<message>.*?)(?: To:(?<field>\d+))?|(?<code>OK)|ID: \w+)$
values.0.element: 1
values.0.use: code
values.0.type: string
values.0.text: 1
values.1.use: message
values.1.text: no
values.2.use: field
values.2.text: 2
errors.0.field: 2



=== TEST 20: explain is told of headers, also with HEAD, and shows them
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     header:x-error-code;
        code     type ~ "#(?<code>\\w+)$";
        success  0;
        error    "too many" RATE_LIMITED;
        error    Gone       NOT_FOUND;
    }
--- config
    location = /explain { telephony_errors_explain acme; }
--- request eval
["POST /explain?header=X-Error-Code:too%20many&status=500\n{\"type\":\"a#Gone\"}",
 "POST /explain?method=HEAD&header=x-error-code:+gone&header=x-error-code:two\n",
 "POST /explain\n{\"type\":\"a#Gone\"}",
 "POST /explain?header=x-other:1\n{}",
 "POST /explain?header=x-error-code\n{}"]
--- error_code eval
[200, 200, 200, 400, 400]
--- json eval
["code: RATE_LIMITED\nprovider_code: too many\nvalues.0.path: header:x-error-code\nvalues.0.use: code\nvalues.0.text: too many\nvalues.1.path: type\nvalues.1.pattern: #(?<code>\\w+)\$\nvalues.1.text: Gone\nvalues.2:",
 "code: UNKNOWN\nprovider_code: +gone",
 "code: NOT_FOUND\nprovider_code: Gone\nvalues.1:",
 "error: the catalog reads no code of that header; leave it out",
 "error: header must be one of the answer, as in ?header=x-error-code:Throttled"]



=== TEST 21: a pattern that looks ahead at every byte reads all that is searched
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        text  ~ "(?s)<m>(?:(?!</m>)(?:\\s|.))*<s>(?<code>\\d+)</s>(?:(?!</m>).)*</m>";
        error 1 NOT_FOUND;
    }
--- provider: acme
--- cases_bodies eval
{ long => "<m>" . "x" x 4050 . "<s>1</s></m>",
  utf8 => '<m>' . "\xc3\xa9" x 2000 . '<s>1</s></m>',
  none => '<m>' x 1300 }
--- cases
200 @long -> error NOT_FOUND 404 exact
200 @utf8 -> error NOT_FOUND 404 exact
200 @none -> none no_code



=== TEST 22: a pattern that takes too many steps does not match, which is logged once
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        text  ~ "^(a+)+(?<code>[bd])$";
        text  ~ "(?<code>a)a*c$";
        error a NOT_FOUND;
        error b INTERNAL;
    }
--- provider: acme
--- cases_bodies eval
{ a => 'a' x 40 . 'c' }
--- cases
200 @a -> error NOT_FOUND 404 exact
/api/x 200 @a -> error NOT_FOUND 404 exact
200 aab -> error INTERNAL 500 exact
--- grep_error_log: PCRE2 gave up a pattern of a catalog
--- grep_error_log_out eval
["PCRE2 gave up a pattern of a catalog\n", ""]
