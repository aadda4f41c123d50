# The grammar carries the shapes of other vendors: small catalogs in t/shapes/,
# and answers as those vendors send them.

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

=== TEST 1: Twilio's flat number, and the list of its newer APIs
--- catalogs: codes
--- http_config eval: $::catalogs
--- config eval: $::locations
--- cases
/twilio/1 400 {"code": 21211, "message": "The 'To' number +1555 is not a valid phone number.", "more_info": "https://www.twilio.com/docs/errors/21211", "status": 400} -> error INVALID_PHONE_NUMBER 400 exact
    provider.code: 21211
    detail: The 'To' number +1555 is not a valid phone number.
/twilio/2 401 {"code":20003,"detail":"Your AccountSid or AuthToken was incorrect.","message":"Authenticate","more_info":"https://www.twilio.com/docs/errors/20003","status":401} -> error INVALID_CREDENTIALS 401 exact
/twilio/3 404 {"errors":[{"code":20404,"message":"The requested resource was not found","infoUrl":"https://x"}]} -> error NOT_FOUND 404 exact
    provider.message: The requested resource was not found
/twilio/4 400 {"code":21999,"message":"m"} -> error INVALID_PARAMETER 400 class
/twilio/5 201 {"sid":"SM1","status":"queued","error_code":null,"error_message":null,"code":null} -> success OK 201 absent
/twilio/6 503 <?xml version="1.0"?><TwilioResponse/> -> error PROVIDER_UNAVAILABLE 503 status not_json



=== TEST 2: Telnyx's list of errors with pointers
--- catalogs: codes
--- http_config eval: $::catalogs
--- config eval: $::locations
--- cases
/telnyx/1 422 {"errors":[{"code":"10002","title":"Invalid phone number","detail":"The 'to' address is invalid.","source":{"pointer":"/to"},"meta":{"url":"https://x"}},{"code":"10015","title":"Bad","source":{"pointer":"/from"}}]} -> error INVALID_PHONE_NUMBER 400 exact
    provider.code: 10002
    detail: The 'to' address is invalid.
    errors.0.field: /to
    errors.0.pointer: /to
    errors.0.detail: Invalid phone number
    errors.1:
/telnyx/2 401 {"errors":[{"code":"10009","title":"Authentication failed"}]} -> error INVALID_CREDENTIALS 401 exact
    detail: Authentication failed
    errors:
/telnyx/3 403 {"errors":[{"code":"99999","title":"New"}]} -> error PERMISSION_DENIED 403 status
/telnyx/4 200 {"data":{"id":"1","errors":[]},"errors":[]} -> success OK 200 absent



=== TEST 3: Vonage's statuses of messages in a 200, and its problem documents
--- catalogs: codes
--- http_config eval: $::catalogs
--- config eval: $::locations
--- cases
/vonage/1 200 {"message-count":"1","messages":[{"status":"4","error-text":"Bad Credentials"}]} -> error INVALID_CREDENTIALS 401 exact
    detail: Bad Credentials
/vonage/2 200 {"message-count":"2","messages":[{"to":"1","message-id":"a","status":"0"},{"status":"9","error-text":"Quota Exceeded - rejected"}]} -> notice PARTIAL_FAILURE 200 exact
/vonage/3 200 {"message-count":"2","messages":[{"to":"1","status":"0"},{"to":"2","status":"0"}]} -> success OK 200 exact
/vonage/4 401 {"type":"https://developer.vonage.com/api-errors#unauthorized","title":"Unauthorized","detail":"You did not provide correct credentials.","instance":"i"} -> error UNAUTHENTICATED 401 pattern
    detail: You did not provide correct credentials.
/vonage/5 400 {"type":"https://developer.vonage.com/api-errors#invalid-params","title":"Bad","detail":"d","invalid_parameters":[{"name":"to","reason":"too short"},{"name":"from","reason":"missing"}]} -> error INVALID_PARAMETER 400 pattern
    errors.0.field: to
    errors.0.detail: too short
    errors.1.field: from
/vonage/6 404 {"type":"https://www.rfc-editor.org/rfc/rfc7231#section-6.5.4","title":"Not Found"} -> error NOT_FOUND 404 pattern
/vonage/7 200 {"uuid":"1","status":"started"} -> none no_code



=== TEST 4: RingCentral's code with a list inside
--- catalogs: codes
--- http_config eval: $::catalogs
--- config eval: $::locations
--- cases
/ringcentral/1 400 {"errorCode":"CMN-101","message":"Parameter [to] value is invalid","errors":[{"errorCode":"CMN-101","message":"to is invalid","parameterName":"to"},{"errorCode":"CMN-101","message":"from is invalid","parameterName":"from"}],"parameterName":"to"} -> error INVALID_PARAMETER 400 exact
    provider.code: CMN-101
    errors.0.field: to
    errors.0.detail: to is invalid
    errors.1.field: from
/ringcentral/2 401 {"errorCode":"OAU-151","errors":[{"errorCode":"OAU-151","message":"Authorization method not supported"}]} -> error UNAUTHENTICATED 401 pattern
    detail: Authorization method not supported
/ringcentral/3 200 {"id":1,"messageStatus":"Queued"} -> success OK 200 absent



=== TEST 5: Plivo's text without a code
--- catalogs: codes
--- http_config eval: $::catalogs
--- config eval: $::locations
--- cases
/plivo/1 404 {"api_id":"97","error":"The requested resource was not found"} -> error NOT_FOUND 404 message
    provider.code:
    detail: The requested resource was not found
/plivo/2 400 {"api_id":"97","error":"dst parameter is invalid"} -> error INVALID_PARAMETER 400 message
    errors.0.field: dst
/plivo/3 202 {"api_id":"97","message":"message(s) queued","message_uuid":["x"]} -> success OK 202 absent
/plivo/4 200 {"api_id":"97","error":"odd"} -> error UNKNOWN 502 message
    detail: odd
/plivo/5 401 Could not verify your access level for that URL -> error UNAUTHENTICATED 401 status not_json



=== TEST 6: Bandwidth, Exotel, Sinch and Yeastar
--- catalogs: codes
--- http_config eval: $::catalogs
--- config eval: $::locations
--- cases
/bandwidth/1 400 {"type":"request-validation","description":"Your request could not be accepted.","fieldErrors":[{"fieldName":"to","description":"'+invalid' must be replaced"}]} -> error INVALID_PARAMETER 400 exact
    errors.0.field: to
    errors.0.detail: '+invalid' must be replaced
/bandwidth/2 403 {"error":"User is not authorized","requestId":"1"} -> error PERMISSION_DENIED 403 message
/bandwidth/3 429 {"type":"concurrent-call-limit-reached","description":"d","id":"1"} -> error CONCURRENCY_LIMITED 429 pattern
/exotel/1 401 {"RestException":{"Status":401,"Message":"Authentication failed","Code":null}} -> error INVALID_CREDENTIALS 401 absent
    detail: Authentication failed
/exotel/2 400 {"RestException":{"Status":400,"Message":"bad","Code":"34010"}} -> error INVALID_PHONE_NUMBER 400 exact
/exotel/3 200 {"Call":{"Sid":"1","Status":"in-progress"}} -> success OK 200 absent
/exotel/4 404 <?xml version="1.0"?><TwilioResponse><RestException/></TwilioResponse> -> error NOT_FOUND 404 status not_json
/sinch/1 404 {"errorCode":"40400","message":"Not found","reference":"r"} -> error NOT_FOUND 404 class
/sinch/2 401 {"errorCode":40108,"message":"Invalid credentials","reference":""} -> error INVALID_CREDENTIALS 401 exact
/sinch/3 400 {"errorCode":40003,"message":"m"} -> error INVALID_PARAMETER 400 class
/sinch/4 404 {"code":404,"error":"not_found","message":"m"} -> error NOT_FOUND 404 status no_code
/sinch/5 401 -> error UNAUTHENTICATED 401 status empty
/yeastar/1 200 {"errcode":40002,"errmsg":"PARAMETER ERROR","invalid_param_list":["number","name"]} -> error INVALID_PARAMETER 400 exact
    detail: PARAMETER ERROR
    errors.0.field: number
    errors.1.field: name
/yeastar/2 200 {"errcode":0,"errmsg":"SUCCESS"} -> success OK 200 exact
/yeastar/3 200 {"errcode":10004,"errmsg":"TOKEN EXPIRED"} -> error TOKEN_EXPIRED 401 exact
/yeastar/4 200 {"errcode":70001,"errmsg":"x"} -> error RATE_LIMITED 429 class
