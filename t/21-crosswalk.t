# Two vendors' codes of one meaning lead to one unified code.  The pairs are
# those of Telnyx's guide for people who come from Twilio (2026-04-03), and the
# plain ones that both vendors' tables have beyond it.  Where the guide says of
# a code what its vendor's own table does not, the table wins, and the two
# unified codes are named.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();

use JSON::PP;
use Test::More;

# meaning, Twilio's code and HTTP status, Telnyx's, the unified code

my @same = (
    ['wrong credentials',      20003, 401, 10009, 401, 'INVALID_CREDENTIALS'],
    ['resource not found',     20404, 404, 10005, 404, 'NOT_FOUND'],
    ['too many requests',      20429, 429, 10011, 429, 'RATE_LIMITED'],
    ['invalid destination',    21211, 400, 40310, 400, 'INVALID_PHONE_NUMBER'],
    ['sender not one\'s own',  21606, 400, 40305, 400, 'CALLER_NOT_ALLOWED'],
    ['region not enabled',     21408, 400, 40309, 400,
     'DESTINATION_NOT_ALLOWED'],
    ['landline',               30006, 400, 40001, 400,
     'SERVICE_NOT_APPLICABLE'],
    ['call to a bad number',   13223, 400, 10016, 422, 'INVALID_PHONE_NUMBER'],
    ['number not callable',    13224, 400, 10016, 422, 'INVALID_PHONE_NUMBER'],
    ['parameter of Verify',    60200, 400, 10015, 400, 'INVALID_PARAMETER'],

    # beyond the guide
    ['permission denied',      20403, 403, 10010, 403, 'PERMISSION_DENIED'],
    ['account not active',     20005, 403, 20012, 403, 'ACCOUNT_SUSPENDED'],
    ['token expired',          20104, 401, 20006, 401, 'TOKEN_EXPIRED'],
    ['method not allowed',     20004, 405, 10030, 405, 'METHOD_NOT_ALLOWED'],
    ['STOP',                   21610, 400, 40300, 400, 'RECIPIENT_OPTED_OUT'],
    ['no content',             21602, 400, 40316, 400, 'MISSING_PARAMETER'],
    ['message too long',       21617, 400, 40302, 400, 'OUT_OF_RANGE'],
    ['queue of messages full', 21611, 429, 40318, 429, 'RATE_LIMITED'],
    ['service has no number',  21703, 400, 40321, 400, 'FAILED_PRECONDITION'],
    ['10DLC',                  30034, 400, 40010, 400,
     'SENDER_NOT_REGISTERED'],
    ['toll-free verification', 30032, 400, 40329, 400,
     'SENDER_NOT_REGISTERED'],
    ['spam',                   30007, 400, 40003, 400, 'CONTENT_REJECTED'],
    ['call over',              21220, 400, 90018, 422, 'CALL_NOT_ACTIVE'],
    ['call queue full',        22005, 400, 90036, 422, 'AGENTS_UNAVAILABLE'],
    ['number taken',           21422, 400, 85001, 422, 'RESOURCE_IN_USE'],
    ['service down',           20503, 503, 10037, 503,
     'PROVIDER_UNAVAILABLE'],
);

my @differ = (
    # the guide: "account not active"; the dictionary: test credentials
    [20008, 403, 'PERMISSION_DENIED',       10009, 401, 'INVALID_CREDENTIALS'],

    # the guide takes all of Telnyx's refusals for a bad login
    [20403, 403, 'PERMISSION_DENIED',       10009, 401, 'INVALID_CREDENTIALS'],

    # the guide: "body too long"; the dictionary: no sender
    [21603, 400, 'MISSING_PARAMETER',       10015, 422, 'INVALID_PARAMETER'],

    # the guide: "no numbers"; the dictionary: the recipient is out of reach
    [21612, 400, 'DESTINATION_UNREACHABLE', 40321, 400, 'FAILED_PRECONDITION'],

    # Telnyx has one code for a landline and for an unreachable handset
    [30003, 400, 'DESTINATION_UNREACHABLE', 40001, 400,
     'SERVICE_NOT_APPLICABLE'],

    # the guide: "carrier rejected"; Telnyx's own table: STOP
    [30007, 400, 'CONTENT_REJECTED',        40300, 400, 'RECIPIENT_OPTED_OUT'],
    [30008, 400, 'MESSAGE_NOT_SENT',        40300, 400, 'RECIPIENT_OPTED_OUT'],

    # the guide: STOP; Telnyx's own table: undeliverable
    [21610, 400, 'RECIPIENT_OPTED_OUT',     40008, 400, 'MESSAGE_NOT_SENT'],

    # the guide: "invalid call SID"; the dictionary: the state of the call
    [21220, 400, 'CALL_NOT_ACTIVE',         90015, 422, 'INVALID_PARAMETER'],

    # the guide: "number not owned"; the dictionary: region not enabled
    [13227, 400, 'DESTINATION_NOT_ALLOWED', 10015, 422, 'INVALID_PARAMETER'],

    # Verify's attempts are an allowance, the other is a rate
    [60202, 429, 'QUOTA_EXCEEDED',          10011, 429, 'RATE_LIMITED'],

    # the guide: "destination not permitted"; the dictionary: a landline
    [60205, 400, 'SERVICE_NOT_APPLICABLE',  40309, 400,
     'DESTINATION_NOT_ALLOWED'],
);

my $nginx = TelephonyTest::start_nginx(<<'END');
worker_processes 1;

events {
}

http {
    include $TEST_NGINX_CATALOGS/*.conf;

    access_log off;

    server {
        listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;

        location = /twilio {
            telephony_errors_explain twilio;
        }

        location = /telnyx {
            telephony_errors_explain telnyx;
        }
    }
}
END

for my $pair (@same) {
    my ($meaning, $twilio, $status, $telnyx, $telnyx_status, $code) = @$pair;

    is(twilio($twilio, $status), $code,
       "$meaning: Twilio $twilio is $code");
    is(telnyx($telnyx, $telnyx_status), $code,
       "$meaning: Telnyx $telnyx is $code");
}

for my $pair (@differ) {
    my ($twilio, $status, $code, $telnyx, $telnyx_status, $other) = @$pair;

    is(twilio($twilio, $status), $code,
       "Twilio $twilio is $code, by its own dictionary");
    is(telnyx($telnyx, $telnyx_status), $other,
       "Telnyx $telnyx is $other, by its own table");
}

$nginx->stop;

done_testing();


sub twilio {
    my ($code, $status) = @_;

    return code_of('twilio', $status,
                   qq({"code":$code,"message":"?","status":$status}));
}

sub telnyx {
    my ($code, $status) = @_;

    return code_of('telnyx', $status,
                   qq({"errors":[{"code":"$code","title":"?"}]}));
}

# the unified code of an answer

sub code_of {
    my ($provider, $status, $body) = @_;

    my (undef, undef, $answer) = TelephonyTest::http(
        $ENV{TEST_NGINX_SERVER_PORT},
        "POST /$provider?status=$status HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\nContent-Length: " . length($body)
        . "\r\n\r\n$body");

    return JSON::PP->new->utf8->decode($answer)->{code};
}
