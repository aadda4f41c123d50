# The verdict on one answer: success, notice, error or none, with every reason.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;
use TelephonyCases;

our $acme = <<'END';
    telephony_catalog acme {
        code     c alt;
        message  m;
        success  ok 1x;
        notice   empty  NO_RESULTS  "Nothing there";
        error    bad    NOT_FOUND   "Not there";
        error    ok     "message=*but*"  NO_CHANGES;
        success  fine;
    }
END

run_tests();

__DATA__

=== TEST 1: success, notice, error and none, with every status that is judged
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
200 {"c":"fine"} -> success OK 200 exact
201 {"c":"fine"} -> success OK 201 exact
202 {"c":"12"} -> success OK 202 class
200 {"c":"empty"} -> notice NO_RESULTS 200 exact
201 {"c":"empty"} -> notice NO_RESULTS 201 exact
200 {"c":"bad"} -> error NOT_FOUND 404 exact
    detail: Not there
    provider.status: 200
    provider.match: exact
201 {"c":"bad"} -> error NOT_FOUND 404 exact
    provider.status: 201
403 {"c":"bad"} -> error NOT_FOUND 404 exact
    provider.status: 403
503 {"c":"bad"} -> error NOT_FOUND 404 exact
    provider.status: 503
200 {"c":"what"} -> error UNKNOWN 502 none
    provider.code: what
    retryable: false
403 {"c":"what"} -> error PERMISSION_DENIED 403 status
    provider.code: what
420 {"c":"what"} -> error UNKNOWN 420 status
404 {"c":"fine"} -> error NOT_FOUND 404 status
    provider.code: fine
404 {"c":"empty"} -> error NOT_FOUND 404 status
500 {"c":"fine"} -> error INTERNAL 500 status



=== TEST 2: none has a reason and is not touched; an error status is then judged by the status alone
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases_bodies eval
{ deep => '{"x":' . '[' x 127 . ']' x 127 . ',"c":"bad"}',
  deeper => '{"x":' . '[' x 128 . ']' x 128 . ',"c":"bad"}',
  code_deeper => '{"c":"bad","x":' . '[' x 128 . ']' x 128 . '}',
  fine_deeper => '{"c":"fine","x":' . '[' x 200,
  nul => "\0\0{\"c\":\"bad\"}", bom => "\xef\xbb\xbf {\"c\":\"bad\"}", onlybom => "\xef\xbb\xbf",
  bom16 => "\xff\xfe{\0", white => " \r\n\t ", nulinside => "{\"c\":\0\"bad\"}",
  lines => "\r\n\r\n  {\"c\"\n:\t\"bad\"}\r\n" }
--- cases
200 <html></html> -> none not_json
200 ok -> none not_json
200 ;"c":"bad" -> none not_json
200 {'c':'bad'} -> none not_json
200 {c:"bad"} -> none not_json
200 {"x":1,} -> none not_json
200 nonsense -> none not_json
200 True -> none not_json
200 // {"c":"bad"} -> none not_json
200 @nul -> none not_json
200 @nulinside -> none not_json
200 @bom16 -> none not_json
200 {"x":1 -> none truncated
200 {"x":" -> none truncated
200 { -> none truncated
200 @white -> none empty
200 @deeper -> none too_deep
200 @deep -> error NOT_FOUND 404 exact
200 @bom -> error NOT_FOUND 404 exact
200 @lines -> error NOT_FOUND 404 exact
200 {"x":1} -> none no_code
200 -> none empty
404 <html></html> -> error NOT_FOUND 404 status not_json
404 {"x":1 -> error NOT_FOUND 404 status truncated
404 @deeper -> error NOT_FOUND 404 status too_deep
404 {"x":1} -> error NOT_FOUND 404 status no_code
404 -> error NOT_FOUND 404 status empty
503 @nul -> error PROVIDER_UNAVAILABLE 503 status not_json
HEAD /api/h1 200 {"c":"bad"} -> none head
HEAD /api/h2 404 {"c":"bad"} -> error NOT_FOUND 404 status head
# what stands before the fault decides, if the first path has it
200 @code_deeper -> error NOT_FOUND 404 exact
200 @fine_deeper -> success OK 200 exact
200 {"c":"bad" -> error NOT_FOUND 404 exact
200 {"c":"bad"}} -> error NOT_FOUND 404 exact
200 {"c":"bad"}{"c":"fine"} -> error NOT_FOUND 404 exact
200 {"c":"what", -> error UNKNOWN 502 none
200 {"alt":"bad" -> none truncated
404 {"alt":"bad" -> error NOT_FOUND 404 exact
404 {"c":"bad","x":} -> error NOT_FOUND 404 exact



=== TEST 3: a response over the window: the first path's error code counts, of an error status what is known, else none
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    telephony_errors_window 256;
--- cases_bodies eval
my $x = 'x' x 300;
{ early => qq({"c":"bad","x":"$x"}), late => qq({"x":"$x","c":"bad"}),
  fine => qq({"c":"fine","x":"$x"}), open => qq({"c":"ok","x":"$x","m":"done"}),
  openerr => qq({"c":"ok","x":"$x","m":"ok but no"}),
  alt => qq({"alt":"bad","x":"$x"}), notice => qq({"c":"empty","x":"$x"}),
  what => qq({"c":"what","x":"$x"}), none => qq({"x":"$x"}),
  text => $x, fits => '{"c":"bad","x":"' . 'x' x 238 . '"}',
  over => '{"x":"' . 'x' x 245 . '","c":"bad"}',
  array => qq(["$x"]) }
--- cases
200 @early -> error NOT_FOUND 404 exact
200 @late -> none window
200 @fine -> success OK 200 exact
200 @alt -> none window
200 @notice -> notice NO_RESULTS 200 exact
200 @what -> error UNKNOWN 502 none
200 @none -> none window
200 @array -> none window
200 @text -> none not_json
200 @fits -> error NOT_FOUND 404 exact
200 @over -> none window
404 @early -> error NOT_FOUND 404 exact
403 @late -> error PERMISSION_DENIED 403 status window
403 @alt -> error NOT_FOUND 404 exact
403 @none -> error PERMISSION_DENIED 403 status window
403 @text -> error PERMISSION_DENIED 403 status not_json



=== TEST 4: the same when the answer comes in small pieces, chunked
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    telephony_errors_window 256;
    proxy_buffering off;
--- upstream_framing: chunked
--- upstream_split: 37
--- upstream_gap: 0
--- cases_bodies eval
my $x = 'x' x 300;
{ early => qq({"c":"bad","x":"$x"}), late => qq({"x":"$x","c":"bad"}),
  fine => qq({"c":"fine","x":"$x"}), alt => qq({"alt":"bad","x":"$x"}),
  text => $x }
--- cases
200 @early -> error NOT_FOUND 404 exact
200 @late -> none window
200 @fine -> success OK 200 exact
200 @alt -> none window
200 @text -> none not_json
403 @alt -> error NOT_FOUND 404 exact
403 @late -> error PERMISSION_DENIED 403 status window
200 {"m":"the message","x":"somewhat longer than a chunk","c":"bad"} -> error NOT_FOUND 404 exact
200 {"x":"somewhat longer than a chunk","c":"empty"} -> notice NO_RESULTS 200 exact



=== TEST 5: too many elements and a token that is too long are beyond the bounds: too_large
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c [].e;
        success  ok;
        error    bad  NOT_FOUND;
    }
--- provider: acme
--- location
    telephony_errors_window 1m;
    proxy_buffers 16 64k;
--- cases_bodies eval
{ long => '{"x":"' . 'x' x 262145 . '","c":"bad"}',
  notlong => '{"x":"' . 'x' x 262144 . '","c":"bad"}',
  many => '[' . '{},' x 4096 . '{"e":"bad"}]',
  all => '[' . '{},' x 4095 . '{"e":"bad"}]' }
--- cases
200 @long -> none too_large
200 @notlong -> error NOT_FOUND 404 exact
200 @many -> none too_large
404 @many -> error NOT_FOUND 404 status too_large
200 @all -> notice PARTIAL_FAILURE 200 exact



=== TEST 6: a success that is sure ends the inspection; a code that a message could make an error does not
--- catalogs: codes
--- http_config eval
$::acme . <<'END'
    telephony_catalog open {
        code     c;
        message  m;
        success  1xxx;
        error    1* "message=*but*" NO_CHANGES;
        error    1000 scope=s "message=*but*" NOT_FOUND;
        scope    $arg_s;
    }
END
--- config
    location /open/ { telephony_errors open; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: acme
--- cases
# what follows a sure success is not even read
200 {"c":"fine", and whatever follows -> success OK 200 exact
200 {"c":"fine","c":"bad"} -> success OK 200 exact
200 {"alt":"bad","c":"fine" -> success OK 200 exact
200 {"c":"12" -> success OK 200 class
# but here the message may still make it an error
200 {"c":"ok","m":"done"} -> success OK 200 exact
200 {"c":"ok","m":"done, but nothing changed"} -> error NO_CHANGES 409 message
200 {"m":"done, but nothing changed","c":"ok"} -> error NO_CHANGES 409 message
# a second path cannot be sure: the first may still come
200 {"alt":"fine","c":"bad"} -> error NOT_FOUND 404 exact
200 {"alt":"fine"} -> success OK 200 exact
200 {"alt":"fine","c":null} -> success OK 200 exact
# a pattern comes behind the class, so the class is sure; a scope narrows
/open/1 200 {"c":1000,"m":"ok but no"} -> success OK 200 class
/open/2?s=s 200 {"c":1000,"m":"ok but no"} -> error NOT_FOUND 404 message
/open/3?s=t 200 {"c":1000, -> success OK 200 class
/open/4?s=s 200 {"c":1000,"m":"ok"} -> success OK 200 class



=== TEST 7: a sure success is sent on while the vendor is still at it
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- both
    proxy_buffering off;
--- upstream_framing: chunked
--- upstream_body eval: '{"c":"fine","list":[' . '"entry",' x 3000 . '"last"]}'
--- upstream_cut: 9000
--- upstream_then: close
--- request
GET /api/
--- ignore_response
--- error_log
upstream prematurely closed connection



=== TEST 8: what was not asked for is not judged: 1xx, 204, 205, 206, 3xx, 416 and streams
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- cases
205 {"c":"bad"} ->
206 {"c":"bad"} ->
300 {"c":"bad"} ->
301 {"c":"bad"} ->
416 {"c":"bad"} ->



=== TEST 9: the order of several code paths, not of the keys, decides at the end of the body
--- catalogs: codes
--- http_config
    telephony_catalog acme { code a b; success ok; notice n NO_RESULTS; error e NOT_FOUND; error f NO_CHANGES; nocode 0; absent INTERNAL; }
--- provider: acme
--- cases
200 {"b":"e","a":"ok"} -> success OK 200 exact
200 {"b":"ok","a":"e"} -> error NOT_FOUND 404 exact
200 {"b":"e","a":"n"} -> notice NO_RESULTS 200 exact
200 {"a":0,"b":"e"} -> error NOT_FOUND 404 exact
200 {"b":"f","a":0} -> error NO_CHANGES 409 exact
200 {"b":0,"a":0} -> error INTERNAL 500 absent
404 {"b":"f","a":"ok"} -> error NOT_FOUND 404 status
404 {"b":"f"} -> error NO_CHANGES 409 exact



=== TEST 10: a good code as the vendor writes it, in another case, by its alias, and narrowed; there may be many
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code     c;
        scope    $arg_s;
        nocode   empty;
        alias    word  0;
        success  0 done 200 201 202 203 204;
        success  empty;
        error    done  scope=s  NOT_FOUND;
        error    bad   NOT_FOUND;
        absent   INTERNAL;
    }
--- provider: acme
--- cases
200 {"c":"done"} -> success OK 200 exact
200 {"c":" Done "} -> success OK 200 exact
/api/s?s=s 200 {"c":"done"} -> error NOT_FOUND 404 exact
/api/t?s=t 200 {"c":"done"} -> success OK 200 exact
200 {"c":0} -> success OK 200 exact
200 {"c":"0"} -> success OK 200 exact
200 {"c":"WORD"} -> success OK 200 exact
200 {"c":204} -> success OK 200 exact
200 {"c":"20"} -> error UNKNOWN 502 none
200 {"c":"empty"} -> error INTERNAL 500 absent
200 {"c":"\u0064one"} -> success OK 200 exact
404 {"c":"done"} -> error NOT_FOUND 404 status
