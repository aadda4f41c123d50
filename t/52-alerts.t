# The alert rules beside the Grafana dashboard: promtool reads them and plays
# the series of t/fixtures/alerts.yml, and they speak of metrics that exist.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();

use File::Temp qw(tempdir);
use Test::More;

chdir $TelephonyTest::root or die "chdir: $!";

is(promtool(qw(check rules auto/alerts.yml)), 0, 'promtool takes the rules');
is(promtool(qw(test rules t/fixtures/alerts.yml)), 0,
   'alerts stand when they should, and only then');

# what README says to put into prometheus.yml, beside the rules

my ($yaml) = TelephonyTest::slurp('README.md')
             =~ /^## Alerts\n.*?```yaml\n(.*?)```/ms;
my $dir = tempdir(CLEANUP => 1);

TelephonyTest::spew("$dir/prometheus.yml", $yaml);
TelephonyTest::spew("$dir/alerts.yml", TelephonyTest::slurp('auto/alerts.yml'));

is(promtool('check', 'config', "$dir/prometheus.yml"), 0,
   'Prometheus takes the configuration of README');

my $sources = join '', map { TelephonyTest::slurp($_) } glob 'ngx_module/*.c ngx_module/*/*.c';
my $rules = TelephonyTest::slurp('auto/alerts.yml');
my $played = TelephonyTest::slurp('t/fixtures/alerts.yml');

my %metrics = map { $_ => 1 } $rules =~ /\b(telephony_\w+)(?=[\[{ ])/g;

for my $metric (sort grep { $_ !~ /^telephony_errors/ } keys %metrics) {
    like($sources, qr/"$metric[" {]/, "$metric is written by the module");
}

my $codes = TelephonyTest::slurp("$ENV{TEST_NGINX_CATALOGS}/codes.conf");

for my $list ($rules =~ /code=~"([A-Z_|]+)"/g) {
    like($codes, qr/^\s+$_\s/m, "$_ is a unified code") for split /\|/, $list;
}

for my $alert ($rules =~ /- alert: (\w+)/g) {
    like($played, qr/alertname: $alert\n/, "$alert is played");
}

done_testing();


sub promtool {
    my @arguments = @_;

    my $said = `promtool @arguments 2>&1`;

    diag($said) if $?;

    return $?;
}
