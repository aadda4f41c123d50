# The unified codes: what telephony_codes says is what a client sees.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;
use TelephonyCases;

run_tests();

__DATA__

=== TEST 1: a row of telephony_codes gives status, category, retry advice and title
--- catalogs: none
--- http_config
    telephony_codes {
        NO_CREDIT  402  MONEY  no   "Out of credit";
        BUSY       429  LOAD   yes  "Busy";
        MAYBE      503  LOAD   safe "Try again";
        BARE       409  -      no   "No category";
        category   MONEY;
        category   LOAD;
        status 404 NO_CREDIT;
        status 5xx BUSY;
    }
    telephony_catalog acme {
        code     c;
        success  ok;
        error    1  NO_CREDIT;
        error    2  BUSY;
        error    3  MAYBE;
        error    4  BARE;
    }
--- provider: acme
--- location
    telephony_errors_type_base https://errors.example.com/t;
--- cases
200 {"c":1} -> error NO_CREDIT 402 exact
    type: https://errors.example.com/t/no-credit
    title: Out of credit
    category: MONEY
    retryable: false
    detail: Out of credit
200 {"c":2} -> error BUSY 429 exact
    retryable: true
200 {"c":3} -> error MAYBE 503 exact
    retryable: true
POST /api/p 200 {"c":3} -> error MAYBE 503 exact
    retryable: false
200 {"c":4} -> error BARE 409 exact
    category:
    title: No category
404 {} -> error NO_CREDIT 402 status no_code
503 {} -> error BUSY 429 status no_code
403 {} -> error UNKNOWN 403 none no_code
200 {"c":5} -> error UNKNOWN 502 none
200 {"c":"ok"} -> success OK 200 exact



=== TEST 2: several blocks of telephony_codes add up, in whatever order, also behind the catalogs
--- catalogs: none
--- http_config
    telephony_catalog acme {
        code   c;
        error  1  FIRST;
        error  2  SECOND;
    }
    telephony_codes {
        FIRST   400  A  no "First";
        category B;
    }
    telephony_codes {
        SECOND  409  B  no "Second";
        category A;
        status  4xx  FIRST;
    }
--- provider: acme
--- cases
200 {"c":1} -> error FIRST 400 exact
200 {"c":2} -> error SECOND 409 exact
418 {}      -> error FIRST 400 status no_code



=== TEST 3: without telephony_codes the codes that the module itself concludes are there
--- catalogs: none
--- http_config
    telephony_catalog acme {
        code     c;
        success  0;
        error    9  UNKNOWN "Nobody knows";
    }
--- provider: acme
--- cases
200 {"c":0} -> success OK 200 exact
200 {"c":1} -> error UNKNOWN 502 none
    title: Bad Gateway
    category: UNKNOWN
200 {"c":9} -> error UNKNOWN 502 exact
    detail: Nobody knows
500 {"c":0} -> error UNKNOWN 500 none
404 -> error UNKNOWN 404 none empty



=== TEST 4: a code that the module concludes can have another status, category and title
--- catalogs: none
--- http_config
    telephony_codes {
        category         MYSTERY;
        UNKNOWN          500  MYSTERY  yes  "Mystery";
        PARTIAL_FAILURE  200  -        no   "Some failed";
    }
    telephony_catalog acme {
        code     [].c;
        success  0;
    }
--- provider: acme
--- cases
200 [{"c":1}] -> error UNKNOWN 500 none
    category: MYSTERY
    retryable: true
    detail: Mystery
200 [{"c":1},{"c":0}] -> notice PARTIAL_FAILURE 200 none
404 [{"c":1}] -> error UNKNOWN 404 none



=== TEST 5: the general rows for HTTP statuses of the shipped codes
--- http_config
    telephony_catalog acme { code c; success 0; }
--- catalogs: codes
--- provider: acme
--- cases
400 {} -> error INVALID_PARAMETER 400 status no_code
401 {} -> error UNAUTHENTICATED 401 status no_code
402 {} -> error INSUFFICIENT_FUNDS 402 status no_code
403 {} -> error PERMISSION_DENIED 403 status no_code
404 {} -> error NOT_FOUND 404 status no_code
405 {} -> error METHOD_NOT_ALLOWED 405 status no_code
406 {} -> error INVALID_PARAMETER 400 status no_code
407 {} -> error UNKNOWN 407 status no_code
408 {} -> error PROVIDER_TIMEOUT 504 status no_code
409 {} -> error FAILED_PRECONDITION 409 status no_code
410 {} -> error NOT_FOUND 404 status no_code
413 {} -> error PAYLOAD_TOO_LARGE 413 status no_code
415 {} -> error INVALID_PARAMETER 400 status no_code
418 {} -> error UNKNOWN 418 status no_code
420 {} -> error UNKNOWN 420 status no_code
422 {} -> error INVALID_PARAMETER 400 status no_code
423 {} -> error FAILED_PRECONDITION 409 status no_code
429 {} -> error RATE_LIMITED 429 status no_code
499 {} -> error UNKNOWN 499 status no_code
500 {} -> error INTERNAL 500 status no_code
501 {} -> error NOT_IMPLEMENTED 501 status no_code
502 {} -> error PROVIDER_UNAVAILABLE 503 status no_code
503 {} -> error PROVIDER_UNAVAILABLE 503 status no_code
504 {} -> error PROVIDER_TIMEOUT 504 status no_code
505 {} -> error INTERNAL 500 status no_code
520 {} -> error PROVIDER_UNAVAILABLE 503 status no_code
522 {} -> error PROVIDER_UNAVAILABLE 503 status no_code
524 {} -> error PROVIDER_TIMEOUT 504 status no_code
526 {} -> error PROVIDER_UNAVAILABLE 503 status no_code
599 {} -> error INTERNAL 500 status no_code



=== TEST 6: retry advice "safe" means yes if the request may be repeated, by RFC 9110 or by the catalog
--- catalogs: codes
--- http_config
    telephony_catalog acme   { code c; error 1 PROVIDER_TIMEOUT; error 2 BAD_PROVIDER_RESPONSE; error 3 PROVIDER_UNAVAILABLE; }
    telephony_catalog never  { code c; error 1 PROVIDER_TIMEOUT; repeatable never; }
    telephony_catalog some   { code c; error 1 PROVIDER_TIMEOUT; repeatable POST HEAD; }
--- config
    location /never/ { telephony_errors never; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
    location /some/  { telephony_errors some; proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT; }
--- provider: acme
--- cases
GET /api/1 200 {"c":1} -> error PROVIDER_TIMEOUT 504 exact
    retryable: true
GET /api/2 200 {"c":2} -> error BAD_PROVIDER_RESPONSE 502 exact
    retryable: true
GET /api/3 200 {"c":3} -> error PROVIDER_UNAVAILABLE 503 exact
    retryable: true
PUT /api/4 200 {"c":1} -> error PROVIDER_TIMEOUT 504 exact
    retryable: true
DELETE /api/5 200 {"c":1} -> error PROVIDER_TIMEOUT 504 exact
    retryable: true
OPTIONS /api/6 200 {"c":1} -> error PROVIDER_TIMEOUT 504 exact
    retryable: true
POST /api/7 200 {"c":1} -> error PROVIDER_TIMEOUT 504 exact
    retryable: false
PATCH /api/8 200 {"c":1} -> error PROVIDER_TIMEOUT 504 exact
    retryable: false
GET /never/1 200 {"c":1} -> error PROVIDER_TIMEOUT 504 exact
    retryable: false
PUT /never/2 200 {"c":1} -> error PROVIDER_TIMEOUT 504 exact
    retryable: false
POST /some/1 200 {"c":1} -> error PROVIDER_TIMEOUT 504 exact
    retryable: true
GET /some/2 200 {"c":1} -> error PROVIDER_TIMEOUT 504 exact
    retryable: false



=== TEST 7: an override sends another status for a unified code here, all of them inherited or none
--- catalogs: codes
--- http_config
    telephony_catalog acme {
        code c;
        error   1  UNAUTHENTICATED;
        error   2  NOT_FOUND;
        notice  3  NO_RESULTS;
        success 0;
        status  403 UNAUTHENTICATED;
        example 200 '{"c":1}' error:UNAUTHENTICATED;
        example 200 '{"c":3}' notice:NO_RESULTS;
    }
    telephony_errors_override NO_RESULTS 404;
    telephony_errors_override UNAUTHENTICATED 502;
--- config
    location /own/ {
        telephony_errors acme;
        telephony_errors_override NOT_FOUND 410;
        proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
    }
--- provider: acme
--- cases
200 {"c":1} -> error UNAUTHENTICATED 502 exact
200 {"c":2} -> error NOT_FOUND 404 exact
200 {"c":3} -> error NO_RESULTS 404 exact
200 {"c":0} -> success OK 200 exact
403 {} -> error UNAUTHENTICATED 502 status no_code
/own/1 200 {"c":1} -> error UNAUTHENTICATED 401 exact
/own/2 200 {"c":2} -> error NOT_FOUND 410 exact
    status: 410
/own/3 200 {"c":3} -> notice NO_RESULTS 200 exact



=== TEST 8: telephony_codes replaces puts codes and statuses in the place of others, whatever the order
--- http_config
    telephony_codes replaces {
        NOT_FOUND  410  CONFLICT  yes  "Gone for good"  "It was here. Do not ask again.";
        FIRST      409  -         no   "Mine";
        status     405  FIRST;
    }
    telephony_codes {
        FIRST      400  -  no  "Shipped"  "Never read.";
    }
    telephony_catalog acme { code c; success 0; error 1 NOT_FOUND; error 2 FIRST; error 3 SECOND; }
    telephony_codes { SECOND 400 - no "Shipped"; status 419 SECOND; }
    telephony_codes replaces { SECOND 409 - no "Mine, too"; status 419 NOT_FOUND; }
--- catalogs: codes
--- provider: acme
--- location
    telephony_errors_type_base /errors;
--- cases
200 {"c":1} -> error NOT_FOUND 410 exact
    title: Gone for good
    category: CONFLICT
    retryable: true
200 {"c":2} -> error FIRST 409 exact
    title: Mine
    detail: Mine
200 {"c":3} -> error SECOND 409 exact
    title: Mine, too
404 {} -> error NOT_FOUND 410 status no_code
405 {} -> error FIRST 409 status no_code
419 {} -> error NOT_FOUND 410 status no_code
