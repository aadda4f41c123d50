# What counts as a value: its end was seen, a number is read as a number, a text
# as a text, and a list that holds no code changes no verdict.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;
use TelephonyCases;

our $acme = <<'END';
    telephony_catalog acme {
        code     result code;
        message  message;
        field    f  detail=why;
        success  1000 1xxx true;
        error    E1 22 1  INVALID_PARAMETER;
        error    false    NOT_FOUND;
    }

    telephony_catalog short {
        code     c;
        success  1x;
        absent   success;
    }
END

our $short = <<'END';
    location /short/ {
        telephony_errors short;
        proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
    }

    location /small/ {
        telephony_errors acme;
        telephony_errors_window 256;
        proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
    }
END

# n bytes of an object that end so

sub fill {
    my ($n, $end) = @_;

    my $begin = '{"x":"';

    return $begin . 'x' x ($n - length("$begin$end")) . $end;
}

run_tests();

__DATA__

=== TEST 1: a number or a word that the end of the text has cut is not there
--- catalogs: codes
--- http_config eval: $::acme
--- config eval: $::short
--- provider: acme
--- cases
200 {"x":1,"result": 1 -> none truncated
200 {"result":1 -> none truncated
200 {"result":100 -> none truncated
200 {"result":22 -> none truncated
200 {"result":-22 -> none truncated
200 {"result":2.5 -> none truncated
200 {"result":2e1 -> none truncated
200 {"result":true -> none truncated
200 {"result":false -> none truncated
200 {"result":nul -> none truncated
200 {"result":"E1 -> none truncated
200 {"result":"E1\u00 -> none truncated
400 {"result":22 -> error INVALID_PARAMETER 400 status truncated
    provider.code:
404 {"result":false -> error NOT_FOUND 404 status truncated
    provider.code:
404 {"x":{"result":1},"result":2240 -> error NOT_FOUND 404 status truncated
    provider.code:
/short/1 200 {"c":10 -> none truncated
# with something behind it, it is
200 {"result":1  -> none truncated
200 {"result":22, -> error INVALID_PARAMETER 400 exact
200 {"result":22} -> error INVALID_PARAMETER 400 exact
200 {"result":false, -> error NOT_FOUND 404 exact
200 {"result":"E1" -> error INVALID_PARAMETER 400 exact
/short/2 200 {"c":10, -> success OK 200 class



=== TEST 2: so is a message or a field
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
200 {"code":"E1","message":123 -> none truncated
200 {"result":"E1","message":123 -> error INVALID_PARAMETER 400 exact
    provider.message:
400 {"code":"E1","message":123 -> error INVALID_PARAMETER 400 exact
    provider.message:
400 {"code":"E1","f":123 -> error INVALID_PARAMETER 400 exact
    errors:
400 {"code":"E1","f":"a","why":45 -> error INVALID_PARAMETER 400 exact
    errors.0.field: a
    errors.0.detail:
400 {"code":"E1","message":"half -> error INVALID_PARAMETER 400 exact
    provider.message:
400 {"code":"E1","message":123} -> error INVALID_PARAMETER 400 exact
    provider.message: 123
400 {"code":"E1","f":123,"why":45} -> error INVALID_PARAMETER 400 exact
    errors.0.field: 123
    errors.0.detail: 45



=== TEST 3: nor is it there where the window cuts it
--- catalogs: codes
--- http_config eval: $::acme
--- config eval: $::short
--- provider: acme
--- cases_bodies eval
{ number => main::fill(256, '","result":22') . '40}',
  numbers => main::fill(256, '","result":100') . '0}',
  word => main::fill(256, '","result":false') . '}',
  string => main::fill(256, '","result":"E1') . '"}',
  whole => main::fill(256, '","result":22,') . '"y":1}',
  whole_word => main::fill(256, '","result":false,') . '"y":1}',
  message => main::fill(256, '","result":22,"message":12') . '3}' }
--- cases
/small/1 200 @number -> none window
/small/2 200 @numbers -> none window
/small/3 200 @word -> none window
/small/4 200 @string -> none window
/small/5 200 @whole -> error INVALID_PARAMETER 400 exact
/small/6 200 @whole_word -> error NOT_FOUND 404 exact
/small/7 200 @message -> error INVALID_PARAMETER 400 exact
    provider.message:
/small/8 403 @number -> error PERMISSION_DENIED 403 status window
    provider.code:



=== TEST 4: a number or a word to which something is glued is none
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
200 {"result":22abc} -> none not_json
200 {"result":22.5.1} -> none not_json
200 {"result":22"x"} -> none not_json
200 {"result":22:1} -> none not_json
200 {"result":22{} -> none not_json
200 {"result":22/**/} -> none not_json
200 {"result":022} -> none not_json
200 {"result":22e} -> none not_json
200 {"result":22-} -> none not_json
200 {"result":truex} -> none not_json
200 {"result":falsefalse} -> none not_json
200 {"result":nullnull,"result":"E1"} -> none not_json
200 {"result":true"x"} -> none not_json
404 {"result":22abc} -> error NOT_FOUND 404 status not_json
    provider.code:
# a string has its own end
200 {"result":"E1"x} -> error INVALID_PARAMETER 400 exact
200 {"result":"E1""x"} -> error INVALID_PARAMETER 400 exact
# and what breaks behind a whole value is behind it
200 {"result":22 x} -> error INVALID_PARAMETER 400 exact
200 {"result":22] -> error INVALID_PARAMETER 400 exact



=== TEST 5: JSON with something behind it is no JSON, also if that has no end
--- catalogs: codes
--- http_config eval: $::acme
--- config eval: $::short
--- provider: acme
--- cases
/short/1 200 {"x":1}"garbage -> none not_json
/short/2 200 {"x":1}garbage -> none not_json
/short/3 200 {"x":1}12 -> none not_json
/short/4 200 {"x":1}tru -> none not_json
/short/5 200 {"x":1} true -> none not_json
/short/6 200 {"x":1}- -> none not_json
/short/7 200 {"x":1}{ -> none not_json
/short/8 200 {"x":1}{"x":1} -> none not_json
/short/9 200 [1]"garbage -> none not_json
/short/10 200 {"x":"\ud800"}"garbage -> none not_json
200 {"x":1,"code":"E1"}"garbage -> none not_json
200 {"x":1,"code":"E1"} garbage -> none not_json
400 {"x":1}" -> error INVALID_PARAMETER 400 status not_json
/short/11 200 {"x":1}   -> success OK 200 absent
/short/12 200 [] -> success OK 200 absent
# it broke behind the first path's code
200 {"result":"E1"}"garbage -> error INVALID_PARAMETER 400 exact



=== TEST 6: an integer is that integer however it is written
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        message  m;
        nocode   0;
        alias    -32000 SERVER;
        error    3103             INVALID_PARAMETER;
        error    SERVER           INTERNAL;
        error    100000000000000  NOT_FOUND;
        error    3103.5 2.50      NO_CHANGES;
        error    "3103.0"         ALREADY_EXISTS;
        error    00               RATE_LIMITED;
        error    1e15             PAYLOAD_TOO_LARGE;
        absent   TIMEOUT;
    }

    telephony_codes {
        TIMEOUT  504  TIMEOUT  yes  "It took too long";
    }
--- provider: acme
--- cases
200 {"c":3103} -> error INVALID_PARAMETER 400 exact
200 {"c":3103.0} -> error INVALID_PARAMETER 400 exact
    provider.code: 3103
200 {"c":3103.000} -> error INVALID_PARAMETER 400 exact
200 {"c":3.103e3} -> error INVALID_PARAMETER 400 exact
    provider.code: 3103
200 {"c":3.103E+3} -> error INVALID_PARAMETER 400 exact
200 {"c":310300e-2} -> error INVALID_PARAMETER 400 exact
200 {"c":3103e0} -> error INVALID_PARAMETER 400 exact
200 {"c":0.3103e4} -> error INVALID_PARAMETER 400 exact
200 {"c":0.0003103e00007} -> error INVALID_PARAMETER 400 exact
200 {"c":"3103"} -> error INVALID_PARAMETER 400 exact
200 {"c":-32000} -> error INTERNAL 500 exact
200 {"c":-32e3} -> error INTERNAL 500 exact
    provider.code: SERVER
200 {"c":1e14} -> error NOT_FOUND 404 exact
    provider.code: 100000000000000
200 {"c":100000000000000.0} -> error NOT_FOUND 404 exact
# zero is the nocode, so the code is absent
200 {"c":0} -> error TIMEOUT 504 absent
200 {"c":-0} -> error TIMEOUT 504 absent
200 {"c":0.0} -> error TIMEOUT 504 absent
200 {"c":-0.00e7} -> error TIMEOUT 504 absent
200 {"c":0e99999999999999999999} -> error TIMEOUT 504 absent
200 {"c":"0"} -> error TIMEOUT 504 absent
# what is no integer, or a longer one, and every string is its text
200 {"c":3103.5} -> error NO_CHANGES 409 exact
200 {"c":31035e-1} -> error UNKNOWN 502 none
    provider.code: 31035e-1
200 {"c":2.50} -> error NO_CHANGES 409 exact
200 {"c":2.5} -> error UNKNOWN 502 none
200 {"c":"3103.0"} -> error ALREADY_EXISTS 409 exact
    provider.code: 3103.0
200 {"c":"3.103e3"} -> error UNKNOWN 502 none
200 {"c":"-0"} -> error UNKNOWN 502 none
200 {"c":"00"} -> error RATE_LIMITED 429 exact
200 {"c":1e15} -> error PAYLOAD_TOO_LARGE 413 exact
200 {"c":1000000000000000} -> error UNKNOWN 502 none
    provider.code: 1000000000000000
200 {"c":1000000000000000.0} -> error UNKNOWN 502 none
    provider.code: 1000000000000000.0
200 {"c":3103e99999999999999999999} -> error UNKNOWN 502 none
200 {"c":3103e-99999999999999999999} -> error UNKNOWN 502 none
# a message is read alike
200 {"c":3103,"m":4.20e2} -> error INVALID_PARAMETER 400 exact
    provider.message: 420
200 {"c":3103,"m":4.2} -> error INVALID_PARAMETER 400 exact
    provider.message: 4.2



=== TEST 7: a surrogate alone becomes U+FFFD, and what follows it stays
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c  "\\u0000";
        message  m;
        error    E1  "message=*я"  NOT_FOUND;
        error    E1  INVALID_PARAMETER;
        error    "a�b"  NO_CHANGES;
    }
--- provider: acme
--- cases
200 {"c":"E1","m":"\u0437\ud83d\u0440\u0438"} -> error INVALID_PARAMETER 400 exact
    provider.message: з�ри
200 {"c":"E1","m":"\ud83d\u044f"} -> error NOT_FOUND 404 message
    provider.message: �я
200 {"c":"E1","m":"\ud83d"} -> error INVALID_PARAMETER 400 exact
    provider.message: �
200 {"c":"E1","m":"\ude00x"} -> error INVALID_PARAMETER 400 exact
    provider.message: �x
200 {"c":"E1","m":"\ud83d\ud83d\ude00"} -> error INVALID_PARAMETER 400 exact
    provider.message: �😀
200 {"c":"E1","m":"\ude00\ud83d"} -> error INVALID_PARAMETER 400 exact
    provider.message: ��
200 {"c":"E1","m":"\ud83d\n\u0041"} -> error INVALID_PARAMETER 400 exact
200 {"c":"E1","m":"\ud83d\\ude00"} -> error INVALID_PARAMETER 400 exact
    provider.message: �\ude00
200 {"c":"E1","m":"\uD83D\uDE00 \/\"\\"} -> error INVALID_PARAMETER 400 exact
    provider.message: 😀 /"\
200 {"c":"a\ud83db"} -> error NO_CHANGES 409 exact
200 {"\u0063":"E1","m":"\ud83d\u044f"} -> error NOT_FOUND 404 message
200 {"\ud83d\u0063":"E1","c":"E1"} -> error INVALID_PARAMETER 400 exact
# read by the other reader
404 {"c":"E1","m":"\u0437\ud83d\u0440\u0438" -> error INVALID_PARAMETER 400 exact
    provider.message: з�ри
404 {"\u0063":"E1","m":"\"\\\u0437\ud83d\u0440\"","x" -> error INVALID_PARAMETER 400 exact
    provider.message: "\з�р"



=== TEST 8: a list at the path of a message or a field changes no verdict
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     code errors[].code;
        message  rows[].cells[].text text;
        field    items[].n  detail=items[].why;
        success  fine;
        error    E1  "message=no money"  INSUFFICIENT_FUNDS;
        error    E1  NOT_FOUND;
    }
--- provider: acme
--- location
    telephony_errors_window 1m;
--- cases_bodies eval
my $item = '{"n":"x","why":"y"}';
my $cells = '{"cells":[' . '{"text":""},' x 99 . '{"text":""}]}';
my $items = '"items":[' . "$item," x 4999 . "$item]";
my $deep = '"rows":[{"cells":[' . '{"text":"x"},' x 4999 . '{"text":"x"}]}]';
$cells = '"rows":[' . "$cells," x 299 . "$cells]";
{ items => qq({$items,"code":"E1"}), fine => qq({$items,"code":"fine"}),
  cells => qq({$cells,"code":"E1","text":"no money"}), deep => qq({$deep,"code":"E1"}),
  bare => '{"items":[' . '1,' x 20000 . '[[]]],"code":"E1"}',
  codes => '{"errors":[' . '{},' x 4096 . '{"code":"E1"}]}',
  all => qq({$items,$cells,$deep,"errors":[{"code":"E1"}],"text":"no money"}) }
--- cases
200 @items -> error NOT_FOUND 404 exact
    errors.#: 32
    errors.31.field: x
    errors.31.detail: y
200 @fine -> success OK 200 exact
400 @items -> error NOT_FOUND 404 exact
200 @cells -> error INSUFFICIENT_FUNDS 402 message
200 @deep -> error NOT_FOUND 404 exact
    provider.message: x
200 @bare -> error NOT_FOUND 404 exact
200 @all -> error INSUFFICIENT_FUNDS 402 message
# one that holds codes is bounded
200 @codes -> none too_large
404 @codes -> error NOT_FOUND 404 status too_large



=== TEST 9: the reason is what was there, not what it was taken for
--- catalogs: codes
--- http_config eval: $::acme
--- config eval: $::short
--- provider: acme
--- cases_bodies eval
my $x = 'x' x 500;
{ white => " \r\n\t\f ", bom => "\xef\xbb\xbf", bom_white => "\xef\xbb\xbf\n",
  blanks => ' ' x 500, deep => '[' x 500, deeper => '{"a":' . '[' x 500,
  text => "[abc $x]", list => "[\"$x\"]", object => "{\"y\":\"$x\"}",
  object_text => "{hello $x}" }
--- cases
200 @white -> none empty
200 @bom -> none empty
200 @bom_white -> none empty
500 @white -> error INTERNAL 500 status empty
500 @bom -> error INTERNAL 500 status empty
/small/1 200 @blanks -> none window
/small/2 200 @deep -> none too_deep
/small/3 200 @deeper -> none too_deep
/small/4 200 @text -> none not_json
/small/5 200 @object_text -> none not_json
/small/6 200 @list -> none window
/small/7 200 @object -> none window
/small/8 404 @deep -> error NOT_FOUND 404 status too_deep
/small/9 404 @blanks -> error NOT_FOUND 404 status window



=== TEST 10: JSON is an object or a list; a bare string, number or word is text
--- catalogs: codes
--- http_config eval: $::acme
--- config eval: $::short
--- provider: acme
--- cases
/short/1 200 "OK" -> none not_json
/short/2 200 123 -> none not_json
/short/3 200 -1 -> none not_json
/short/4 200 true -> none not_json
/short/5 200 null -> none not_json
/short/6 200 2026-11-26T10:00:00 call 1 -> none not_json
/short/7 200 "a";"b" -> none not_json
/short/8 200 true story -> none not_json
/short/9 200 [info] text -> none not_json
/short/10 200 {} -> success OK 200 absent
404 "OK" -> error NOT_FOUND 404 status not_json
404 0 -> error NOT_FOUND 404 status not_json



=== TEST 11: 0, false and blanks are no message: the next path has it
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     code ok;
        message  error \message ok;
        error    E1  "message=no money"  INSUFFICIENT_FUNDS;
        error    E1  NOT_FOUND;
        error    false  INVALID_PARAMETER;
    }
--- provider: acme
--- cases
200 {"code":"E1","error":false,"message":"no money"} -> error INSUFFICIENT_FUNDS 402 message
200 {"code":"E1","error":true,"message":"no money"} -> error INSUFFICIENT_FUNDS 402 message
200 {"code":"E1","error":0,"message":"no money"} -> error INSUFFICIENT_FUNDS 402 message
200 {"code":"E1","error":0.0,"message":"no money"} -> error INSUFFICIENT_FUNDS 402 message
200 {"code":"E1","error":"  ","message":"no money"} -> error INSUFFICIENT_FUNDS 402 message
200 {"code":"E1","error":"\u0020\t","message":"no money"} -> error INSUFFICIENT_FUNDS 402 message
200 {"code":"E1","error":"","message":"no money"} -> error INSUFFICIENT_FUNDS 402 message
200 {"code":"E1","error":null,"message":"no money"} -> error INSUFFICIENT_FUNDS 402 message
200 {"code":"E1","error":{"a":1},"message":"no money"} -> error INSUFFICIENT_FUNDS 402 message
200 {"code":"E1","error":["a"],"message":"no money"} -> error INSUFFICIENT_FUNDS 402 message
200 {"code":"E1","error":"other","message":"no money"} -> error NOT_FOUND 404 exact
    provider.message: other
200 {"code":"E1","error":17,"message":"no money"} -> error NOT_FOUND 404 exact
    provider.message: 17
200 {"code":"E1","error":"0","message":"no money"} -> error NOT_FOUND 404 exact
    provider.message: 0
200 {"code":"E1","error":false} -> error NOT_FOUND 404 exact
    provider.message:
# a code it is all the same
200 {"ok":false,"message":"no"} -> error INVALID_PARAMETER 400 exact
    provider.message: no



=== TEST 12: VoIP.ms: an object or a list where the message stands is no text
--- catalogs: codes voipms
--- provider: voipms
--- cases
200 {"status":"success","message":{"mailbox":"1001","folder":"INBOX","message_num":"3","data":"UklGRiQAAABXQVZF"}} -> success OK 200 exact
200 {"message":{"mailbox":"1001","data":"UklGRiQAAABXQVZF"},"status":"success"} -> success OK 200 exact
200 {"status":"invalid_mailbox","message":{"text":"x"}} -> error INVALID_PARAMETER 400 exact
    provider.message:
200 {"status":"invalid_mailbox","message":["a","b"]} -> error INVALID_PARAMETER 400 exact
    provider.message:



=== TEST 13: VoIP.ms: a page of warnings before the JSON, or behind it
--- catalogs: codes voipms
--- provider: voipms
--- cases_bodies eval
my $page = "\n<div style=\"border:1px solid #990000;\">\n\n<h4>A PHP Error was encountered</h4>\n</div>";
{ a => $page . '{"status":"success","sms":88123}', b => $page . '{"status":"invalid_credentials"}',
  d => "\nNotice: Undefined index: did in /srv/api.php on line 9\n{\"status\":\"invalid_did\"}",
  e => "{\"status\":\"invalid_did\"}\n<br />\n<b>Warning</b>: x" }
--- cases
200 @a -> none not_json
200 @b -> none not_json
500 @b -> error INTERNAL 500 status not_json
200 @d -> none not_json
200 @e -> error INVALID_PHONE_NUMBER 400 exact



=== TEST 14: zeros in front make another code, and the number 0 is the string "0"
--- catalogs: codes
--- http_config
    telephony_catalog zenvia {
        code     sendSmsResponse.detailCode sendSmsResponse.statusCode;
        message  sendSmsResponse.detailDescription;
        success  000 00;
        error    900  INVALID_CREDENTIALS;
        error    140  DESTINATION_NOT_ALLOWED;
    }

    telephony_catalog mobilon {
        code     code;
        success  0;
        error    1  EXTENSION_NOT_FOUND;
        error    2  INVALID_CREDENTIALS;
    }

    telephony_catalog telecmi {
        code     code;
        message  msg;
        success  200;
        error    404  "message=*authentication*"  INVALID_CREDENTIALS;
        error    404  NOT_FOUND;
    }
--- config
    location /mobilon/ { telephony_errors mobilon; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
    location /telecmi/ { telephony_errors telecmi; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: zenvia
--- cases
200 {"sendSmsResponse":{"statusCode":"00","statusDescription":"Ok","detailCode":"000","detailDescription":"Message Sent"}} -> success OK 200 exact
200 {"sendSmsResponse":{"statusCode":"10","detailCode":"900","detailDescription":"Authentication error"}} -> error INVALID_CREDENTIALS 401 exact
200 {"sendSmsResponse":{"statusCode":"05","statusDescription":"Blocked","detailCode":"140"}} -> error DESTINATION_NOT_ALLOWED 403 exact
500 {"sendSmsResponse":{"statusCode":"05","statusDescription":"Blocked","detailCode":"140"}} -> error DESTINATION_NOT_ALLOWED 403 exact
200 {"sendSmsResponse":{"statusCode":0,"statusDescription":"Ok","detailCode":"000","detailDescription":"Message Sent"}} -> success OK 200 exact
200 {"sendSmsResponse":{"statusCode":0,"statusDescription":"Ok"}} -> error UNKNOWN 502 none
    provider.code: 0
/mobilon/1 200 {"result":"SUCCESS","description":"Call had been initialised","code":0,"callid":"1476087194.2163"} -> success OK 200 exact
/mobilon/2 200 {"result":"FAIL","description":"Operator is not registered","code":"1"} -> error EXTENSION_NOT_FOUND 404 exact
    provider.code: 1
/telecmi/1 200 {"status":"error","code":404,"msg":"Authentication Failed"} -> error INVALID_CREDENTIALS 401 message



=== TEST 15: Mango: a report that begins like a list is no JSON, an empty list is
--- catalogs: codes mango
--- provider: mango
--- cases_bodies eval
{ a => "[];1544965391;1544965419;101;79000000001;1120\n", b => "[MToxMDA=];1544965391;1544965419\n",
  rows => "[];1544965391;1544965419;101;79000000001;1120\n" x 10000, f => "[]\n" }
--- cases
POST /api/stats/result/a 200 @a -> none not_json
POST /api/stats/result/b 200 @b -> none not_json
POST /api/stats/result/d 200 @rows -> none not_json
POST /api/stats/result/e 200 [] -> success OK 200 absent
POST /api/stats/result/f 200 @f -> success OK 200 absent



=== TEST 16: a path is not looked for in other depths
--- catalogs: codes
--- http_config
    telephony_catalog smsru {
        code     status_code;
        message  status_text;
        success  100;
        error    201  INSUFFICIENT_FUNDS;
        error    207  INVALID_PHONE_NUMBER;
    }
--- provider: smsru
--- cases
200 {"status":"OK","status_code":100,"sms":{"79000000001":{"status":"OK","status_code":100,"sms_id":"000-1"},"79000000002":{"status":"ERROR","status_code":207,"status_text":"x"}},"balance":41.5} -> success OK 200 exact
200 {"sms":{"79000000002":{"status":"ERROR","status_code":207,"status_text":"x"}},"status_code":100} -> success OK 200 exact
200 {"sms":[{"status_code":207}],"balance":41.5} -> none no_code
200 [{"status_code":207}] -> none no_code
200 [[{"status_code":207}]] -> none no_code
200 {"status":"ERROR","status_code":201,"status_text":"x"} -> error INSUFFICIENT_FUNDS 402 exact
    provider.message: x
