# What is concluded, and by which row: every case is an answer of a vendor, and
# the same question to telephony_errors_explain, which must say the same.
#
# A case is the rows of a catalog (code paths "code other", message paths
# "m1 m2", a scope that is the argument s), then answers: HTTP status, scope or
# "-", body, and what is expected of
#
#     verdict code status match reason
#
# as far as they are set.  <P> in a body is a list longer than the window; a
# body that ends with <CUT> has its end cut off.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyUpstream;

use JSON::PP;
use Test::More;

my $window = 256;
my @names = qw(verdict code status match reason);

my @cases = (

    # --- classes of negative codes

    [ 'a class may begin with a minus',
      [ 'error -320xx INTERNAL;', 'error -3200x INVALID_PARAMETER;',
        'error 320xx NOT_FOUND;', 'success 0;' ],
      '200 - {"code":-32001} -> error INVALID_PARAMETER 400 class',
      '200 - {"code":"-32050"} -> error INTERNAL 500 class',
      '200 - {"code":32050} -> error NOT_FOUND 404 class',
      '200 - {"code":-3205} -> error UNKNOWN 502 none',
      '200 - {"code":"-"} -> error UNKNOWN 502 none',
      '200 - {"code":"--32050"} -> error UNKNOWN 502 none' ],

    # --- the message is not seen

    [ 'a code that only its message makes a success is no error yet',
      [ 'success done "message=sent *";' ],
      '200 - {"code":"done","m1":"sent 3"} -> success OK 200 message',
      '200 - {"code":"done","m1":"lost"} -> error UNKNOWN 502 none',
      '200 - {"code":"done",<P>,"m1":"sent 3"} -> none window',
      '200 - {"code":"done","m1":"sent 3",<P>} -> success OK 200 message',
      '200 - {"code":"done","m1":"lost",<P>} -> error UNKNOWN 502 none',
      '200 - {"code":"done","m1":"sent<CUT> -> none truncated',
      '500 - {"code":"done",<P>} -> error INTERNAL 500 status' ],

    [ 'nor is one whose general row is an error',
      [ 'success part "message=all good";', 'error part INTERNAL;' ],
      '200 - {"code":"part",<P>,"m1":"all good"} -> none window',
      '200 - {"code":"part","m1":"all good",<P>} -> success OK 200 message',
      '200 - {"code":"part","x":<CUT> -> none truncated',
      '200 - {"code":"part"} -> error INTERNAL 500 exact',
      '500 - {"code":"part",<P>} -> error INTERNAL 500 exact' ],

    [ 'a message of second choice decides nothing while the first may come',
      [ 'success ok;', 'error ok "message=no money" INSUFFICIENT_FUNDS;' ],
      '200 - {"code":"ok","m2":"no money",<P>,"m1":"all fine"} -> none window',
      '200 - {"code":"ok","m2":"fine",<P>,"m1":"no money"} -> none window',
      '200 - {"code":"ok","m2":"no money"}'
      . ' -> error INSUFFICIENT_FUNDS 402 message',
      '200 - {"code":"ok","m1":"fine","m2":"no money",<P>}'
      . ' -> success OK 200 exact',
      '200 - {"code":"ok","m1":"no money",<P>}'
      . ' -> error INSUFFICIENT_FUNDS 402 message' ],

    [ 'a notice that a message could undo is no notice yet',
      [ 'notice empty NO_RESULTS;',
        'error empty "message=locked*" ACCOUNT_SUSPENDED;' ],
      '200 - {"code":"empty",<P>,"m1":"locked out"} -> none window',
      '200 - {"code":"empty","m1":"no row",<P>} -> notice NO_RESULTS 200 exact',
      '200 - {"code":"empty"} -> notice NO_RESULTS 200 exact',
      '200 - {"code":"empty"<CUT> -> none truncated' ],

    [ 'a success that a message could make a notice is none either',
      [ 'success ok;', 'notice ok "message=nothing*" NO_RESULTS;' ],
      '200 - {"code":"ok",<P>} -> none window',
      '200 - {"code":"ok"} -> success OK 200 exact' ],

    [ 'an error stays one, whatever the message makes of it',
      [ 'error bad "message=no money" INSUFFICIENT_FUNDS;',
        'error bad "message=late" PROVIDER_TIMEOUT;',
        'error bad INVALID_PARAMETER;' ],
      '200 - {"code":"bad",<P>,"m1":"no money"}'
      . ' -> error INVALID_PARAMETER 400 exact',
      '200 - {"code":"bad","m2":"late",<P>}'
      . ' -> error PROVIDER_TIMEOUT 504 message',
      '200 - {"code":"bad",<CUT> -> error INVALID_PARAMETER 400 exact' ],

    [ 'so does an unknown code with rows of errors only',
      [ 'error odd "message=no money" INSUFFICIENT_FUNDS;', 'success ok;' ],
      '200 - {"code":"odd",<P>} -> error UNKNOWN 502 none' ],

    [ 'a success stays one, a notice stays one',
      [ 'success ok;', 'success ok "message=done *";',
        'notice empty NO_RESULTS;', 'notice empty "message=all" NO_RESULTS;' ],
      '200 - {"code":"ok",<P>} -> success OK 200 exact',
      '200 - {"code":"empty",<P>} -> notice NO_RESULTS 200 exact' ],

    [ 'rows of other levels count only as far as they may decide',
      [ 'error ab INTERNAL;', 'success a* "message=fine";', 'success 12x;',
        'error 1xx "message=no*" NOT_FOUND;', 'error 13x NOT_FOUND;',
        'success 1xx "message=fine";', 'success b* scope=/s "message=x";' ],
      '200 - {"code":"ab",<P>} -> error INTERNAL 500 exact',
      '200 - {"code":"ac",<P>} -> none window',
      '200 - {"code":"121",<P>} -> none window',
      '200 - {"code":"131",<P>} -> none window',
      '200 - {"code":"b1",<P>} -> error UNKNOWN 502 none',
      '200 /s {"code":"b1",<P>} -> none window' ],

    # --- the order of rows, across keys

    [ 'of classes those with a message come first',
      [ 'success 221x;', 'error 22xx "message=*money*" INSUFFICIENT_FUNDS;',
        'error 2xxx scope=/s RATE_LIMITED;', 'error 222x NOT_FOUND;',
        'error 22xx status=202 INTERNAL;' ],
      '200 - {"code":2215,"m1":"no money"}'
      . ' -> error INSUFFICIENT_FUNDS 402 message',
      '200 - {"code":2215,"m1":"fine"} -> success OK 200 class',
      '200 - {"code":2215} -> success OK 200 class',
      '200 - {"code":2215,<P>} -> none window',
      '200 /s {"code":2215} -> error RATE_LIMITED 429 class',
      '200 /s {"code":2215,"m1":"money"}'
      . ' -> error INSUFFICIENT_FUNDS 402 message',
      '202 - {"code":2225} -> error INTERNAL 500 class',
      '200 - {"code":2225} -> error NOT_FOUND 404 class' ],

    [ 'of patterns, too',
      [ 'error e_* "message=*money*" INSUFFICIENT_FUNDS;',
        'error e_l* INVALID_PARAMETER;', 'error f_* scope=/s NOT_FOUND;',
        'error f_l* INTERNAL;', 'error *_lx status=400 RATE_LIMITED;' ],
      '200 - {"code":"e_lx","m1":"no money"}'
      . ' -> error INSUFFICIENT_FUNDS 402 message',
      '200 - {"code":"e_lx","m1":"no"} -> error INVALID_PARAMETER 400 pattern',
      '400 - {"code":"e_lx","m1":"no"} -> error RATE_LIMITED 429 pattern',
      '200 /s {"code":"f_lx"} -> error NOT_FOUND 404 pattern',
      '200 - {"code":"f_lx"} -> error INTERNAL 500 pattern' ],

    [ 'and of rows by status',
      [ 'status 4xx "message=*money*" INSUFFICIENT_FUNDS;',
        'status 404 CALL_NOT_FOUND;', 'status 4xx scope=/s RATE_LIMITED;' ],
      '404 - {"code":"zz","m1":"no money"}'
      . ' -> error INSUFFICIENT_FUNDS 402 message',
      '404 - {"code":"zz"} -> error CALL_NOT_FOUND 404 status',
      '404 /s {"code":"zz"} -> error RATE_LIMITED 429 status',
      '400 - {"code":"zz"} -> error INVALID_PARAMETER 400 status' ],

    [ 'of two texts of one level the longer, whatever the key',
      [ 'error 1xx "message=*no money*" INSUFFICIENT_FUNDS;',
        'error 12x "message=*money*" RATE_LIMITED;',
        'error a* "message=*no money*" INSUFFICIENT_FUNDS;',
        'error ab* "message=*money*" RATE_LIMITED;' ],
      '200 - {"code":121,"m1":"no money"}'
      . ' -> error INSUFFICIENT_FUNDS 402 message',
      '200 - {"code":121,"m1":"money"} -> error RATE_LIMITED 429 message',
      '200 - {"code":"abc","m1":"no money"}'
      . ' -> error INSUFFICIENT_FUNDS 402 message' ],

    [ 'captures are those of the row that decides',
      [ 'error 1xx "message={b}" scope=/s INTERNAL "one {b}";',
        'error 12x "message=a{b}" NOT_FOUND "two {b}";',
        'error 121* "message=*" INTERNAL;' ],
      '200 - {"code":121,"m1":"abc"} -> error NOT_FOUND 404 message detail=two bc',
      '200 /s {"code":121,"m1":"abc"}'
      . ' -> error INTERNAL 500 message detail=one abc' ],

    # --- a row of success with a message

    [ 'a row of success that has a message is found by it',
      [ 'success 1xxx;', 'success 1090 "message=ok";', 'success A;',
        'success A "message=done *";', 'error 2 INTERNAL;' ],
      '200 - {"code":1090,"m1":"ok"} -> success OK 200 message',
      '200 - {"code":1091,"m1":"ok"} -> success OK 200 class unmapped',
      '200 - {"code":"a","m1":"done 1"} -> success OK 200 message',
      '200 - {"code":"A","m1":"no"} -> success OK 200 exact',
      '200 - {"code":"A",<P>} -> success OK 200 exact' ],

    # --- unmapped

    [ 'a code that a row knows is not unmapped',
      [ 'success fine;', 'notice empty NO_RESULTS;', 'success 1xxx;',
        'error narrow scope=/s NOT_FOUND;', 'success good_*;',
        'error told "message=x" NOT_FOUND;',
        'error late status=404 NOT_FOUND;' ],
      '500 - {"code":"fine"} -> error INTERNAL 500 status',
      '404 - {"code":"empty"} -> error NOT_FOUND 404 status',
      '404 - {"code":"good_1"} -> error NOT_FOUND 404 status',
      '500 - {"code":1090} -> error INTERNAL 500 status',
      '500 - {"code":"late"} -> error INTERNAL 500 status',
      '200 - {"code":"narrow"} -> error UNKNOWN 502 none elsewhere',
      '200 - {"code":"told"} -> error UNKNOWN 502 none elsewhere',
      '500 - {"code":"told","m1":"y"} -> error INTERNAL 500 status elsewhere',
      '200 - {"code":"new"} -> error UNKNOWN 502 none unmapped',
      '500 - {"code":"new"} -> error INTERNAL 500 status unmapped' ],

    [ 'what to add is a row that breaks no good answer',
      [ 'success fine;', 'success 1xxx;', 'error narrow scope=/s NOT_FOUND;',
        'notice 71xx NO_RESULTS;' ],
      '200 - {"code":"new"} -> error UNKNOWN 502 none'
      . ' add=error new UNIFIED_CODE "What it means."',
      '500 - {"code":"new"} -> error INTERNAL 500 status'
      . ' add=error new status=500 UNIFIED_CODE "What it means."',
      '500 - {"code":"fine"} -> error INTERNAL 500 status add=',
      '200 - {"code":1090} -> success OK 200 class add=success 1090',
      '200 - {"code":7101} -> notice NO_RESULTS 200 class add=',
      '200 - {"code":"1xxx"} -> error UNKNOWN 502 none add=',
      '200 - {"code":"1xx"} -> error UNKNOWN 502 none add=',
      '200 - {"code":"a*"} -> error UNKNOWN 502 none add=',
      '200 - {"code":"NOT_FOUND"} -> error UNKNOWN 502 none add=',
      '200 /t {"code":"narrow"} -> error UNKNOWN 502 none'
      . ' add=error narrow UNIFIED_CODE "What it means."',
      '200 t {"code":"narrow"} -> error UNKNOWN 502 none'
      . ' add=error narrow scope=t UNIFIED_CODE "What it means."' ],

    # --- blank texts

    [ 'a sentence of blanks gives way to the title',
      [ 'error E1 "message=failed:{detail}" INVALID_PARAMETER "{detail}";',
        'error E2 "message={x}" INVALID_PARAMETER "{x}";',
        'error E3 "message=a{x}b" INVALID_PARAMETER " {x} ";',
        'error E4 "message=a{field}b" INVALID_PARAMETER;' ],
      '200 - {"code":"E1","m1":"failed:"}'
      . ' -> error INVALID_PARAMETER 400 message detail=Invalid parameter',
      '200 - {"code":"E1","m1":"failed: to"}'
      . ' -> error INVALID_PARAMETER 400 message detail= to',
      '200 - {"code":"E2","m1":"   "}'
      . ' -> error INVALID_PARAMETER 400 message detail=Invalid parameter',
      '200 - {"code":"E3","m1":"a \\t b"}'
      . ' -> error INVALID_PARAMETER 400 message detail=Invalid parameter',
      '200 - {"code":"E4","m1":"a  b"}'
      . ' -> error INVALID_PARAMETER 400 message' ],
);

# the body is what the vendor says; its status comes with the question

my $upstream = TelephonyUpstream->start($ENV{TEST_NGINX_UPSTREAM_PORT},
                                        \&TelephonyUpstream::echo);

my ($catalogs, $locations) = ('', '');

for my $i (0 .. $#cases) {
    my $rows = join "\n", @{ $cases[$i][1] };

    $catalogs .= <<"END";
    telephony_catalog c$i {
        code code other;
        message m1 m2;
        scope \$arg_s;
        $rows
    }
END

    $locations .= <<"END";
        location /c$i/ {
            telephony_errors c$i;
            proxy_pass http://127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT;
        }

        location = /explain/c$i {
            telephony_errors_explain c$i;
        }
END
}

my $headers = join '', map { "add_header X-$_ \"\$telephony_$_\" always;\n" }
              @names, 'detail';

my $nginx = TelephonyTest::start_nginx(<<"END");
events {
}

http {
    include \$TEST_NGINX_CATALOGS/codes.conf;
$catalogs
    access_log off;

    server {
        listen 127.0.0.1:\$TEST_NGINX_SERVER_PORT;
        telephony_errors_window $window;
        $headers
$locations
    }
}
END

for my $i (0 .. $#cases) {
    my ($title, undef, @answers) = @{ $cases[$i] };

    check($title, $i, $_) for @answers;
}

$nginx->stop;
$upstream->stop;

unlike($nginx->error_log, qr/\[(?:alert|crit|emerg)\]/,
       'the error log is free of alerts');

done_testing();


sub check {
    my ($title, $i, $line) = @_;

    my ($status, $scope, $body, $want) =
        $line =~ /^(\d+) (\S+) (.*) -> (.*)$/ or die "what is \"$line\"?\n";
    my $add = $want =~ s/ add=(.*)// ? $1 : undef;
    my $detail = $want =~ s/ detail=(.*)// ? $1 : undef;
    my $unmapped = $want =~ s/ (unmapped|elsewhere)$// ? $1 : undef;

    $scope = '' if $scope eq '-';
    $body =~ s/<P>/'"list":"' . 'x' x (2 * $window) . '"'/e;
    $body =~ s/<CUT>$//;

    my (undef, $head) = ask("/c$i/?s=$scope", $status, $body);
    my (undef, undef, $text) =
        ask("/explain/c$i?status=$status&scope=$scope&method=POST", 0, $body);

    my %judged = $head =~ /^X-(\w+): (.*?)\r?$/mg;
    my $explained = eval { JSON::PP->new->utf8->decode($text) } // {};
    my $said = join ' ', grep { length } map { $explained->{$_} // '' } @names;
    my $was = join ' ', grep { length } map { $judged{$_} // '' } @names;

    is($was, $want, "$title: $line");
    is($said, $want, '... and explained so');

    is($explained->{detail}, $detail, '... with that detail')
        if defined $detail;

    is($explained->{add} // '',
       length $add ? "telephony_catalog c$i { $add; }" : '',
       '... with what to add')
        if defined $add;

    is($explained->{unmapped} ? 'unmapped'
       : $explained->{elsewhere} ? 'elsewhere' : '', $unmapped // '',
       '... and is told as unmapped, or is not')
        if defined $unmapped || $title =~ /knows/;
}

sub ask {
    my ($uri, $status, $body) = @_;

    return TelephonyTest::http(
        $ENV{TEST_NGINX_SERVER_PORT},
        "POST $uri HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        . "X-Answer: $status\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body");
}
