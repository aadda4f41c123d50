# The differential oracle, see t/oracle/TelephonyOracle.pm: random answers, each
# with the module and without it.
#
#   ORACLE_SEED   the first seed (1); every seed is one case
#   ORACLE_CASES  how many (30000; 2000 where a sanitizer slows nginx down)
#
# What differs is shown with its seed:
#
#   ORACLE_SEED=4711 ORACLE_CASES=1 prove t/34-oracle.t

use strict;
use warnings;

use lib 't/lib', 't/oracle';
use TelephonyTest ();
use TelephonyOracle;

use Test::More;

my $slow = $ENV{TEST_NGINX_USE_VALGRIND} ? 200
           : ($ENV{TEST_NGINX_BINARY} // '') =~ /asan/ ? 2000 : 30_000;
my $cases = $ENV{ORACLE_CASES} || $slow;
my $seed = $ENV{ORACLE_SEED} || 1;
my $last = $seed + $cases - 1;

my $oracle = TelephonyOracle->new(rows => "$TelephonyTest::root/t/rows");

$oracle->start_vendor($ENV{TEST_NGINX_UPSTREAM_PORT});

my $nginx = TelephonyTest::start_nginx($oracle->config);
my $shown = 0;

while ($seed <= $last) {
    my $to = $seed + 999 < $last ? $seed + 999 : $last;
    my @problems = $oracle->run($ENV{TEST_NGINX_SERVER_PORT}, $seed .. $to);

    is(scalar @problems, 0, "seeds $seed to $to: the same to the byte, or "
                            . 'replaced as it should be');

    for my $problem (@problems) {
        last if ++$shown > 10;
        diag($problem);
    }

    $seed = $to + 1;
}

my $verdicts = $oracle->verdicts;

diag(join ', ', map { "$_ $verdicts->{$_}" } sort keys %$verdicts);

$oracle->stop_vendor;
$nginx->stop;

my @alerts = grep { /\[(?:alert|crit|emerg)\]|exited on signal/ }
             split /\n/, $nginx->error_log;

is(join("\n", @alerts[0 .. ($#alerts < 9 ? $#alerts : 9)]), '',
   'the error log is free of alerts');

done_testing();
