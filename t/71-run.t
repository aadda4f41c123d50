#!/usr/bin/env perl

# auto/run: what it says without starting anything, and the demo itself: every
# vendor that has a catalog, and every line that it tells to try.

use strict;
use warnings;

use lib 't/lib';

use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;
use TelephonyTest ();

my $root = $TelephonyTest::root;
my $run = "$root/auto/run";
my ($port, $raw) = @ENV{qw(TEST_NGINX_SERVER_PORT TEST_NGINX_UPSTREAM_PORT)};
my $module = "$TelephonyTest::build/ngx_http_telephony_errors_module.so";

$ENV{BUILD_DIR} = tempdir(CLEANUP => 1);

sub says {
    my ($arguments) = @_;

    my $out = qx($arguments 2>"$ENV{BUILD_DIR}/stderr");
    my $rc = $? >> 8;

    open my $in, '<', "$ENV{BUILD_DIR}/stderr" or die "stderr: $!\n";

    return ($rc, $out, do { local $/; <$in> } // '');
}

for my $option (qw(--help -h)) {
    my ($rc, $out, $err) = says("$run $option");

    is($rc, 0, "$option is no mistake");
    like($out, qr/auto\/run --check\b.*auto\/run --stop\b/s,
         "$option says what there is");
    is($err, '', "$option says it on the standard output");
}

{
    my ($rc, $out, $err) = says("$run --nonsense");

    is($rc, 2, 'an unknown option is a mistake');
    is($out, '', 'with nothing on the standard output');
    like($err, qr/auto\/run --stop/, 'and what there is as an error');
}

for my $port (qw(abc 0 65535 99999 80a -1 100000000000000000000)) {
    my ($rc, $out, $err) = says("PORT=$port $run");

    is($rc, 2, "PORT=$port is a mistake");
    is($err, "auto/run: PORT must be a number from 1 to 65534, not \"$port\"\n",
       'and said so');
}

{
    my ($rc, $out, $err) = says("$run --stop");

    is($rc, 0, '--stop of nothing is no mistake');
    is($out, "auto/run: nothing is running\n", 'and says what it did');
}

for my $folder ("$ENV{BUILD_DIR}/a b", "$ENV{BUILD_DIR}/a&b",
                "$ENV{BUILD_DIR}/a'b", "$ENV{BUILD_DIR}/a#b")
{
    local $ENV{OTHER} = $folder;
    my ($rc, $out, $err) = says("BUILD_DIR=\"\$OTHER\" $root/auto/build");

    is($rc, 1, "auto/build in $folder is refused");
    like($err, qr/\Aauto\/build: nginx cannot be built in a path .*\Q$folder\E$/,
         'and says why');
}

# The rest is the system's nginx with the module that auto/build has made for it:
# auto/run stands in a tree of links, where auto/build need not build once more.

if ($ENV{TEST_NGINX_BINARY}) {
    done_testing();
    exit;
}

my $tree = tempdir("auto run & 'so' XXXXXX", TMPDIR => 1, CLEANUP => 1);

mkdir "$tree/$_" or die "$tree/$_: $!\n" for qw(auto build t);
symlink "$root/$_", "$tree/$_" or die "$_: $!\n"
    for qw(auto/run auto/run.conf catalogs t/fixtures);
symlink $module, "$tree/build/ngx_http_telephony_errors_module.so"
    or die "$module: $!\n";

for my $tool (qw(deps build)) {
    TelephonyTest::spew("$tree/auto/$tool", "#!/bin/sh\necho $tool \$* >>\""
                                            . '$(dirname "$0")/called"' . "\n");
    chmod 0755, "$tree/auto/$tool";
}

$run = "\"$tree/auto/run\"";
$ENV{BUILD_DIR} = "$tree/build";
$ENV{PORT} = $port;

# also when a test dies

END {
    my $rc = $?;

    qx($run --stop 2>&1) if $tree;
    $? = $rc;
}

my @providers = sort grep { $_ ne 'codes' }
                map { m{([^/]+)\.conf$} } glob "$root/catalogs/*.conf";
my $said;

subtest 'it starts, and shows three answers before and after' => sub {
    (my $rc, $said, my $err) = says($run);

    is($rc, 0, 'it starts');
    is($err, '', 'without a complaint');
    is(TelephonyTest::slurp("$tree/auto/called"), "deps run\nbuild\n",
       'what it needs is installed and built');

    my @shown = $said =~ /^(?:Before|After): .*\n\n
                          \ +\$\ (curl\ -i\ .*)\n((?:\ +.*\n)+)/mgx;

    my @was;

    is(scalar @shown, 12, 'six answers');

    for my $code (qw(INSUFFICIENT_FUNDS INSUFFICIENT_FUNDS
                     DESTINATION_NOT_ALLOWED))
    {
        my ($asked, $before, $again, $after) = splice @shown, 0, 4;
        my ($was) = $before =~ /\n\s*\n\s*(.*)/s;

        like($asked, qr/:$raw\//, "$asked asks the vendor");
        like($before, qr/\A +HTTP\/1.1 200 OK\n/, 'who says 200');
        like($again, qr/:$port\//, 'then through the module');
        like($after, qr/^ +Telephony-Code: $code$/m, $code);
        like($after, qr/^ +"code":"$code",$/m, 'in the envelope, too');
        unlike($after, qr/HTTP\/1.1 200/, 'with an honest status');

        push @was, $was;
    }

    my ($json, $text, $keyed) = @was;

    like($json, qr/\A\{"status":"/, 'one in JSON');
    like($text, qr/\AERR: 301/, 'one in plain text');
    like($keyed, qr/\A\{"status":"OK",\s+.*"sms":\{"79\d+":\{/s,
         'one that begins with OK, its error below a key that is a number');
};

subtest 'every line that it tells to try works' => sub {
    my %expected = (
        'Calls.json'            => qr/^Telephony-Code: DESTINATION_NOT_ALLOWED/m,
        'api_secret=wrong'      => qr/^Telephony-Code: INVALID_CREDENTIALS/m,
        'sms.do'                => qr/^Telephony-Provider-Code: 14\b/m,
        'text/advanced'         => qr/^Telephony-Code: PARTIAL_FAILURE/m,
        'method=getSMS'         => qr/^Telephony-Code: NO_RESULTS/m,
        'method=getBalance'     => qr/^HTTP\/1.1 200 OK\s.*"status":"success"/s,
        'telnyx/v2/'            => qr/^Content-Encoding: gzip\n.*"data"/sm,
        'explain/mango'         => qr/"provider_code": "7001"/,
        'explain/sinch'         => qr/"code": "INSUFFICIENT_FUNDS"/,
    );
    my @lines = $said =~ /^    (curl (?:.*\|\n +)?.*)$/mg;

    is(scalar @lines, scalar keys %expected, 'so many lines');

    for my $line (@lines) {
        my ($part) = grep { $line =~ /\Q$_\E/ } sort keys %expected;
        my ($rc, $out) = says($line);

        is($rc, 0, $line);
        $out =~ s/\r//g;
        like($out, $expected{ $part // '' } // qr/no such line/, 'as expected');
    }

    my @pages = $said =~ m{^ +(http://127\S+) {2,}}mg;

    is_deeply(\@pages, [ map { "http://127.0.0.1:$port/$_" }
                         qw(telephony errors/) ], 'the pages for a browser');

    for my $page (@pages) {
        my (undef, $out) = says("curl -si -H 'Accept: text/html' $page");

        like($out, qr/\AHTTP\/1.1 200 .*^Content-Type: text\/html/sm, $page);
    }
};

subtest 'every line of the README does, too' => sub {
    my ($try) = TelephonyTest::slurp("$root/README.md")
                =~ /^## Try it\n(.*?)^## /ms;
    my @lines = $try =~ /^(curl .*)$/mg;
    my @expected = (qr/^Telephony-Code: INSUFFICIENT_FUNDS/m,
                    qr/^Telephony-Code: INSUFFICIENT_FUNDS/m,
                    qr/^Telephony-Code: DESTINATION_NOT_ALLOWED/m,
                    qr/"provider_code": "7001"/);

    is(scalar @lines, scalar @expected, 'so many lines');

    for my $line (@lines) {
        my $here = $line =~ s/:8080\b/:$port/r;
        my ($rc, $out) = says($here);

        is($rc, 0, $line);
        like($out, shift @expected // qr/no such line/, 'as expected');
    }

    my $vendors = { 18 => 'eighteen' }->{ scalar @providers } // scalar @providers;

    like($try, qr/\ball $vendors vendors\b/, 'as many vendors as it says');
};

# the questions, for what else is asked with them

my %question = map { $_->[0] => $_ }
               map { [ /^(\w+) +(\d{3}) +([A-Z_]+) +([A-Z]+) +(\/\S+)$/ ] }
               grep { /^\w+ +\d{3} +[A-Z_]+ +[A-Z]+ +\// }
               split /\n/, TelephonyTest::slurp("$root/auto/run");

is_deeply([ sort keys %question ], \@providers,
          'a question of every provider that has a catalog');

subtest '--check: a line and the answer of every provider' => sub {
    my ($rc, $out, $err) = says("$run --check");

    is($rc, 0, 'all as they should be');
    is($err, '', 'without a complaint');
    like($out, qr/^Good answers pass byte for byte\.$/m, 'the good ones, too');

    my @shown = $out =~ /^(\w+)\ (\d{3})\ ([A-Z_]+)\n
                         (HTTP\/1.1\ \d+\ .*?\n\n.*)\n/mgx;

    while (my ($provider, $status, $code, $answer) = splice @shown, 0, 4) {
        my $expected = $question{$provider};

        is("$status $code", "@$expected[1, 2]", "$provider: $status $code");
    }
};

subtest 'of every provider: the type opens, explain agrees' => sub {
    for my $provider (@providers) {
        my (undef, $status, $code, $method, $path) = @{ $question{$provider} };

        my (undef, $answer) = says("curl -s -X $method"
                                   . " 'http://127.0.0.1:$port$path'");
        my $envelope = decode_json($answer);

        is($envelope->{code}, $code, "$provider: $code");
        is($envelope->{provider}{name}, $provider, 'by its own catalog');

        my (undef, $page) = says("curl -si http://127.0.0.1:$port"
                                 . $envelope->{type});

        like($page, qr/\AHTTP\/1.1 200 .*\Q$code\E/s, $envelope->{type});

        my $explain = "/explain/$provider?method=$method"
                      . "&status=$envelope->{provider}{status}";
        my (undef, $why) = says("curl -s -X $method 'http://127.0.0.1:$raw$path'"
                                . " | curl -s --data-binary \@-"
                                . " 'http://127.0.0.1:$port$explain'");

        is(decode_json($why)->{code}, $code, "captured: $explain");
    }
};

subtest 'the stand-in compresses, and who cannot read that gets it plain' => sub {
    my $path = '/telnyx/v2/phone_numbers';
    my (undef, $vendor) = says("curl -si -H 'Accept-Encoding: gzip'"
                               . " http://127.0.0.1:$raw$path | cat -v");
    my (undef, $plain) = says("curl -si http://127.0.0.1:$port$path");

    like($vendor, qr/^Content-Encoding: gzip/m, 'the vendor compresses');
    unlike($plain, qr/^Content-Encoding/m, 'not for a client that cannot');
    like($plain, qr/^\{"data":/m, 'which reads it');

    # answers of 200 come compressed, as nginx does it, and are judged all the same

    my (undef, $counters) = says("curl -s http://127.0.0.1:$port/telephony");

    like($counters, qr/^telephony_inflated_total\{provider="$_"\} [1-9]/m,
         "$_ was read compressed")
        for qw(clickatell infobip mango smsapi smsru voipms vonage);
};

subtest 'what it leaves: logs without passwords, and nothing that runs' => sub {
    my $log = TelephonyTest::slurp("$tree/build/run/access.log");

    like($log, qr/provider=vonage verdict=error code=INVALID_CREDENTIALS/,
         'what was decided');
    unlike($log, qr/api_secret/, 'the query is not logged');
    unlike(TelephonyTest::slurp("$tree/build/run/error.log"),
           qr/\[(?:alert|crit|emerg)\]/, 'no alarm');

    my ($rc, $out) = says("$run --stop");

    is($rc, 0, '--stop');
    is($out, "auto/run: stopped the nginx on port $port\n", 'says what it did');

    ($rc) = says("curl -s http://127.0.0.1:$port/");

    is($rc, 7, 'and nobody listens there');
};

subtest 'a port of somebody else is left alone' => sub {
    my $other = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1,
                                      LocalPort => $raw, ReuseAddr => 1)
                or die "port $raw: $!\n";
    my ($rc, undef, $err) = says($run);

    is($rc, 1, 'it does not start');
    is($err, "auto/run: port $raw of 127.0.0.1 is taken by another program\n"
             . "auto/run: stop that, or choose: PORT=9000 auto/run\n",
       'and says which port, and what to do');
};

done_testing();
