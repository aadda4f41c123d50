# The grammar carries the shapes of vendors that are not shipped: small catalogs
# in t/shapes/, and answers as those vendors send them.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;
use TelephonyCases;

my @vendors = map { m{/(\w+)\.conf$} } glob "$TelephonyTest::root/t/shapes/*.conf";

our $catalogs = "include $TelephonyTest::root/t/shapes/*.conf;\n";

our $locations = join '', map { <<"END" } @vendors;
    location /$_/ {
        telephony_errors $_;
        proxy_pass http://127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT;
    }
END

run_tests();

__DATA__

=== TEST 1: Exotel's object, with a code of any kind, and its XML
--- catalogs: codes
--- http_config eval: $::catalogs
--- config eval: $::locations
--- cases
/exotel/1 401 {"RestException":{"Status":401,"Message":"Authentication failed","Code":null}} -> error INVALID_CREDENTIALS 401 absent
    detail: Authentication failed
/exotel/2 400 {"RestException":{"Status":400,"Message":"bad","Code":"34010"}} -> error MISSING_PARAMETER 400 exact
/exotel/3 200 {"Call":{"Sid":"1","Status":"in-progress"}} -> success OK 200 absent
/exotel/4 404 <?xml version="1.0"?><TwilioResponse><RestException/></TwilioResponse> -> error NOT_FOUND 404 status no_code
/exotel/5 404 <TwilioResponse><RestException><Status>404</Status><Message>No such call</Message></RestException></TwilioResponse> -> error NOT_FOUND 404 status no_code
    detail: No such call
/exotel/6 401 {"RestException":{"Status":401,"Message":"Authentication failed. Invalid API Key or Token.","Code":"UNAUTHORIZED"}} -> error INVALID_CREDENTIALS 401 exact



=== TEST 2: Yeastar's HTTP 200 for all, with lists of objects
--- catalogs: codes
--- http_config eval: $::catalogs
--- config eval: $::locations
--- cases
/yeastar/1 200 {"errcode":40002,"errmsg":"PARAMETER ERROR","invalid_param_list":[{"field":"number","validation_type":"required"},{"field":"name","validation_type":"max"}]} -> error INVALID_PARAMETER 400 exact
    detail: PARAMETER ERROR
    errors.0.field: number
    errors.0.detail: required
    errors.1.field: name
/yeastar/2 200 {"errcode":0,"errmsg":"SUCCESS"} -> success OK 200 exact
/yeastar/3 200 {"errcode":10004,"errmsg":"TOKEN EXPIRED"} -> error TOKEN_EXPIRED 401 exact
/yeastar/4 200 {"errcode":70001,"errmsg":"x"} -> error RATE_LIMITED 429 class
/yeastar/5 200 {"errcode":40003,"errmsg":"DUPLICATE KEY VALUE","duplicate_field_list":[{"field":"number","value":"1001"}]} -> error ALREADY_EXISTS 409 exact
    errors.0.field: number
/yeastar/6 200 {"errcode":-1,"errmsg":"FAILURE"} -> error INTERNAL 500 exact
