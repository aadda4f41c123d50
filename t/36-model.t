# Random catalogs and answers, judged by the module and by the rules as they are
# written, see t/oracle/TelephonyModel.pm.
#
#   MODEL_SEED      the first seed (1); every seed is one catalog
#   MODEL_CATALOGS  how many (150; 20 where a sanitizer slows nginx down)

use strict;
use warnings;

use lib 't/lib', 't/oracle';
use TelephonyTest ();
use TelephonyModel;

use File::Path qw(make_path remove_tree);
use JSON::PP;
use Test::More;

my $slow = $ENV{TEST_NGINX_USE_VALGRIND}
           || ($ENV{TEST_NGINX_BINARY} // '') =~ /asan/;
my $first = $ENV{MODEL_SEED} || 1;
my $catalogs = $ENV{MODEL_CATALOGS} || ($slow ? 20 : 150);
my $answers = 60;

my $dir = "$ENV{TEST_NGINX_SERVROOT}-model";

remove_tree($dir);
make_path($dir);

my $general = general();
my (%models, $locations);

for my $seed ($first .. $first + $catalogs - 1) {
    $models{$seed} = TelephonyModel->new($seed, $general);

    open my $out, '>', "$dir/c$seed.conf" or die "$dir/c$seed.conf: $!\n";
    print $out $models{$seed}->text("c$seed");
    close $out;

    $locations .= "location = /c$seed { telephony_errors_explain c$seed; }\n";
}

my $nginx = TelephonyTest::start_nginx(<<"END");
events {
}

http {
    include \$TEST_NGINX_CATALOGS/codes.conf;
    include $dir/c*.conf;

    access_log off;
    keepalive_requests 1000000;

    server {
        listen 127.0.0.1:\$TEST_NGINX_SERVER_PORT;
        telephony_errors_window 512;
$locations
    }
}
END

my ($connection, %verdicts, $open);

for my $seed (sort { $a <=> $b } keys %models) {
    my $model = $models{$seed};
    my @problems;

    srand $seed;

    for (1 .. $answers) {
        my $answer = $model->answer;
        my $expected = describe($model->expect($answer));
        my $got = describe(ask("c$seed", $answer));

        $verdicts{ (split ' ', $got)[0] }++;

        push @problems, "$answer->{status} \"$answer->{scope}\" "
                        . "\"$answer->{header}\" "
                        . substr($answer->{body}, 0, 150)
                        . "\n  judged   $got\n  expected $expected"
            if $got ne $expected;

        # what is concluded from the beginning holds for every whole

        next if !$answer->{seen} || $got =~ /^none/;
        next if $answer->{status} >= 400;

        my ($verdict) = split ' ', $got;

        push @problems, "$answer->{body} is a $verdict, but could go on as a "
                        . $_
            for grep { $_ ne $verdict } $model->continued($answer);
        $open++;
    }

    ok(!@problems, "seed $seed: judged as it is written");
    diag(join "\n", $model->text("c$seed"), @problems[0 .. ($#problems < 2
                                                            ? $#problems : 2)])
        if @problems;
}

$nginx->stop;

ok($verdicts{$_}, "there was a verdict of $_")
    for qw(success notice error none);
ok($open, 'and there were verdicts on beginnings');
diag(join ', ', map { "$_ $verdicts{$_}" } sort keys %verdicts);

unlike($nginx->error_log, qr/\[(?:alert|crit|emerg)\]/,
       'the error log is free of alerts');

remove_tree($dir);
done_testing();


# The unified codes of HTTP statuses, as codes.conf says.

sub general {
    my %codes;

    open my $in, '<', "$TelephonyTest::root/catalogs/codes.conf"
        or die "codes.conf: $!\n";

    while (my $line = <$in>) {
        my ($statuses, $code) = $line =~ /^\s*status\s+([\dx ]+?)\s+([A-Z_]+);/
            or next;

        $codes{$_} = $code for split ' ', $statuses;
    }

    return { map { $_ => $codes{$_} // $codes{ substr($_, 0, 1) . 'xx' } }
             200, 202, 404, 500 };
}

sub describe {
    my ($verdict) = @_;

    return "none $verdict->{reason}" if $verdict->{verdict} eq 'none';

    my $line = $verdict->{line} // '-';

    return "$verdict->{verdict} $verdict->{code} $verdict->{match} $line";
}

sub ask {
    my ($name, $answer) = @_;

    my (undef, undef, $body) = TelephonyTest::http(
        $ENV{TEST_NGINX_SERVER_PORT},
        "POST /$name?status=$answer->{status}&scope=$answer->{scope}"
        . (length $answer->{header} ? "&header=X-Code:$answer->{header}" : '')
        . " HTTP/1.1\r\n"
        . "Host: localhost\r\nConnection: close\r\nContent-Length: "
        . length($answer->{body}) . "\r\n\r\n$answer->{body}");

    my $json = eval { JSON::PP->new->utf8->decode($body) } // {};
    my ($line) = ($json->{rule} // '') =~ m{/$name\.conf:(\d+)$};

    return { verdict => $json->{verdict} // "no answer: $body",
             code => $json->{code} // '-', match => $json->{match} // '-',
             reason => $json->{reason} // '-', line => $line };
}
