#!/usr/bin/env perl

# auto/run: what it says without starting anything.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use Test::More;

my $run = "$FindBin::Bin/../auto/run";

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

done_testing();
