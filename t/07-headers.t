# The header fields: the five of the module, what stays of the vendor's, what
# goes, and what a status owes.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;

our $acme = <<'END';
    telephony_catalog acme {
        code      c;
        success   ok;
        notice    none   NO_RESULTS;
        notice    ended  CALL_ENDED;
        error     bad    NOT_FOUND;
        error     auth   INVALID_CREDENTIALS;
        error     verb   METHOD_NOT_ALLOWED;
        error     busy   RATE_LIMITED;
        error     odd    CONTENT_REJECTED;
        challenge 'Bearer realm="acme"';
        allow     POST PUT;
    }
    telephony_catalog bare {
        code      c;
        error     auth   INVALID_CREDENTIALS;
        error     verb   METHOD_NOT_ALLOWED;
    }
END

# what describes the vendor's body, and must go with it

our $entity = <<'END';
ETag: "abc"
Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT
Content-Language: pt
Content-Location: /x
Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==
Content-Digest: sha-256=:abc=:
Repr-Digest: sha-256=:abc=:
Digest: sha-256=abc
Content-Disposition: attachment
Accept-Ranges: bytes
Refresh: 5
END

our $gone = join '', map { "!$_\n" } $entity =~ /^([^:]+):/mg;
$gone =~ s/!Content-Language/Content-Language: en/;

# what the vendor says of itself, and stays

our $kept = <<'END';
Retry-After: 17
Access-Control-Allow-Origin: *
X-RateLimit-Remaining: 0
RateLimit: "default";r=0;t=17
x-correlator: c-1
X-Vendor: a, b
END

our $forged = <<'END';
Telephony-Code: OK
TELEPHONY-CATEGORY: NONE
telephony-retryable: true
Telephony-Provider: other
Telephony-Provider-Code: 0
Telephony-Provider-Code: 1
Telephony-Other: stays
END

our $none = join '', map { "!$_\n" }
            qw(Telephony-Code Telephony-Category Telephony-Retryable
               Telephony-Provider Telephony-Provider-Code);

run_tests();

__DATA__

=== TEST 1: an error has the five headers, a new type, length and language
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_body: {"c":"bad"}
--- upstream_framing: chunked
--- request
GET /api/
--- error_code: 404
--- raw_response_headers_like eval
qr/^HTTP\/1\.1 404 Not Found\r
Server: nginx\S*\r
Date: [^\r]+\r
Content-Type: application\/problem\+json\r
Content-Length: \d+\r
Connection: close\r
Content-Language: en\r
Cache-Control: no-store\r
Telephony-Code: NOT_FOUND\r
Telephony-Category: NOT_FOUND\r
Telephony-Retryable: false\r
Telephony-Provider: acme\r
Telephony-Provider-Code: bad\r
\z/



=== TEST 2: a notice has the headers, and nothing else of it is changed
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_headers eval: $::entity . $::kept . "Cache-Control: max-age=60\n"
--- upstream_body: {"c":"none","list":[]}
--- request
GET /api/
--- same
--- response_headers eval
$::entity . $::kept . <<'END';
Cache-Control: max-age=60
Content-Type: application/json
Telephony-Code: NO_RESULTS
Telephony-Category: NOT_FOUND
Telephony-Retryable: false
Telephony-Provider: acme
Telephony-Provider-Code: none
END



=== TEST 3: a code without a category has no header for it
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_body: {"c":"ended"}
--- request
GET /api/
--- same
--- response_headers
Telephony-Code: CALL_ENDED
!Telephony-Category
Telephony-Retryable: false



=== TEST 4: a success and none have no such headers, and forged ones are dropped from them, too
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_headers eval: $::forged
--- upstream_routes eval
my @headers = split /\n/, $::forged;
{ '/api/ok'   => { headers => \@headers, body => '{"c":"ok"}' },
  '/api/html' => { headers => \@headers, body => '<html>' },
  '/api/204'  => { headers => \@headers, status => 204 },
  '/api/302'  => { headers => [ @headers, 'Location: /x' ], status => 302 } }
--- request eval
['GET /api/ok', 'GET /api/html', 'GET /api/204', 'GET /api/302', 'HEAD /api/ok']
--- error_code eval: [200, 200, 204, 302, 200]
--- response_headers eval
[("${main::none}Telephony-Other: stays") x 5]



=== TEST 5: forged headers are replaced on an error and on a notice
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_routes eval
my @headers = split /\n/, $::forged;
{ '/api/busy'   => { headers => \@headers, body => '{"c":"busy"}' },
  '/api/ended'  => { headers => \@headers, body => '{"c":"ended"}' } }
--- request eval
['GET /api/busy', 'GET /api/ended']
--- error_code eval: [429, 200]
--- response_headers eval
["Telephony-Code: RATE_LIMITED\nTelephony-Category: RATE_LIMITED\nTelephony-Retryable: true\nTelephony-Provider: acme\nTelephony-Provider-Code: busy\nTelephony-Other: stays",
 "Telephony-Code: CALL_ENDED\n!Telephony-Category\nTelephony-Retryable: false\nTelephony-Provider: acme\nTelephony-Provider-Code: ended\nTelephony-Other: stays"]



=== TEST 6: without the module, and with off, they pass
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- config
    location /off/ { telephony_errors off; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- upstream_headers: Telephony-Code: FORGED
--- request eval
['GET /plain/', 'GET /off/']
--- response_headers eval
['Telephony-Code: FORGED', 'Telephony-Code: FORGED']



=== TEST 7: the headers of the old body go, those of the vendor stay
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_headers eval: $::entity . $::kept . "Set-Cookie: a=1\nSet-Cookie: b=2\n"
--- upstream_body: {"c":"bad"}
--- request
GET /api/
--- error_code: 404
--- response_headers eval
$::gone . $::kept . "Set-Cookie: a=1, b=2\nContent-Type: application/problem+json\nCache-Control: no-store"



=== TEST 8: a vendor's status below 400 takes its freshness with it, an error keeps its own
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_routes eval
my @fresh = ('Cache-Control: public, max-age=600', 'Cache-Control: s-maxage=5', 'Age: 3',
             'Expires: Mon, 01 Jan 2035 00:00:00 GMT', 'Pragma: x');
my @odd = ('Age: 3', 'Expires: Mon, 01 Jan 2035 00:00:00 GMT');
{ '/api/200' => { headers => \@fresh, body => '{"c":"bad"}' },
  '/api/404' => { headers => \@fresh, body => '{"c":"bad"}', status => 404 },
  '/api/410' => { headers => \@odd, body => '<html>', status => 410 },
  '/api/500' => { body => '<html>', status => 500 } }
--- request eval
['GET /api/200', 'GET /api/404', 'GET /api/410', 'GET /api/500']
--- error_code eval: [404, 404, 404, 500]
--- response_headers eval
["Cache-Control: no-store\n!Age\n!Expires\n!Pragma",
 "Cache-Control: public, max-age=600, s-maxage=5\nAge: 3\nExpires: Mon, 01 Jan 2035 00:00:00 GMT\nPragma: x",
 "Cache-Control: no-store\nAge: 3\nExpires: Mon, 01 Jan 2035 00:00:00 GMT",
 "Cache-Control: no-store"]



=== TEST 9: a 401 owes a challenge and a 405 the allowed methods: the vendor's, else the catalog's
--- catalogs: codes
--- http_config eval: $::acme
--- config
    location /bare/ { telephony_errors bare; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: acme
--- upstream_routes eval
{ '/api/auth'  => { body => '{"c":"auth"}' },
  '/api/verb'  => { body => '{"c":"verb"}' },
  '/api/auth2' => { status => 401, headers => ['WWW-Authenticate: Basic realm="v"', 'WWW-Authenticate: Digest x'], body => '{"c":"auth"}' },
  '/api/verb2' => { status => 405, headers => ['Allow: GET'], body => '{"c":"verb"}' },
  '/api/bad'   => { body => '{"c":"bad"}' },
  '/bare/auth' => { body => '{"c":"auth"}' },
  '/bare/verb' => { body => '{"c":"verb"}' } }
--- request eval
[map { "GET $_" } qw(/api/auth /api/verb /api/auth2 /api/verb2 /api/bad /bare/auth /bare/verb)]
--- error_code eval: [401, 405, 401, 405, 404, 401, 405]
--- response_headers eval
["WWW-Authenticate: Bearer realm=\"acme\"\n!Allow",
 "!WWW-Authenticate\nAllow: POST, PUT",
 "WWW-Authenticate: Basic realm=\"v\", Digest x\n!Allow",
 "Allow: GET\n!WWW-Authenticate",
 "!Allow\n!WWW-Authenticate",
 "!Allow\n!WWW-Authenticate",
 "!Allow\n!WWW-Authenticate"]



=== TEST 10: a challenge by the status that is sent: an override may owe one, or no more
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    telephony_errors_override INVALID_CREDENTIALS 502;
    telephony_errors_override NOT_FOUND 401;
--- upstream_routes eval
{ '/api/auth'  => { body => '{"c":"auth"}' }, '/api/bad' => { body => '{"c":"bad"}' } }
--- request eval
['GET /api/auth', 'GET /api/bad']
--- error_code eval: [502, 401]
--- response_headers eval
['!WWW-Authenticate', 'WWW-Authenticate: Bearer realm="acme"']



=== TEST 11: HEAD with an error status: status and headers, no body, no Content-Length
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_routes eval
{ '/api/404'  => { body => '{"c":"busy"}', status => 404, headers => [split /\n/, $::entity . $::kept] },
  '/api/200'  => { body => '{"c":"busy"}', headers => [split /\n/, $::entity . $::kept] } }
--- request eval
['HEAD /api/404', 'HEAD /api/200']
--- error_code eval: [404, 200]
--- response_headers eval
["Content-Type: application/problem+json\n!Content-Length\n!ETag\n!Last-Modified\nRetry-After: 17\nTelephony-Code: NOT_FOUND\nTelephony-Category: NOT_FOUND\nTelephony-Provider: acme\n!Telephony-Provider-Code",
 "Content-Type: application/json\nContent-Length: 12\nETag: \"abc\"\nRetry-After: 17\n!Telephony-Code"]
--- response_body eval
['', '']



=== TEST 12: Telephony-Provider-Code has at most 128 bytes, all visible ASCII, or is left out (half a surrogate is U+FFFD)
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_routes eval
my $n = 0;
+{ map { ('/api/' . ++$n => { body => qq({"c":"$_"}) }) }
  'a' x 128, 'a' x 129, 'two words', '\u00e9', '\u0007', '~!"' =~ s/"/\\"/r, '\ud800' }
--- request eval
[map { "GET /api/$_" } 1 .. 7]
--- error_code eval: [(502) x 7]
--- response_headers eval
['Telephony-Provider-Code: ' . 'a' x 128, ('!Telephony-Provider-Code') x 4, 'Telephony-Provider-Code: ~!"', '!Telephony-Provider-Code']



=== TEST 13: a status that nginx has no phrase for gets one
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_body: {"c":"odd"}
--- request
GET /api/
--- error_code: 422
--- raw_response_headers_like: ^HTTP/1\.1 422 Unprocessable Content\r\n



=== TEST 14: the vendor's reason phrase goes with its status
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- upstream_status: 404 Nicht da
--- upstream_body: {"c":"busy"}
--- request
GET /api/
--- error_code: 429
--- raw_response_headers_like: ^HTTP/1\.1 429 Too Many Requests\r\n



=== TEST 15: add_header and the charset of nginx stand beside an envelope
--- catalogs: codes
--- http_config eval: $::acme
--- provider: acme
--- location
    charset utf-8;
    charset_types application/problem+json application/json;
    add_header X-Always $telephony_code always;
    add_header X-Good $telephony_code;
--- upstream_routes eval
{ '/api/bad' => { body => '{"c":"bad"}' }, '/api/ok' => { body => '{"c":"ok"}' } }
--- request eval
['GET /api/bad', 'GET /api/ok']
--- error_code eval: [404, 200]
--- response_headers eval
["X-Always: NOT_FOUND\n!X-Good", "X-Always: OK\nX-Good: OK"]
