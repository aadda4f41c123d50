# auto/deps: says at once that root is missing, and leaves no server behind that
# starts at boot.  A folder of stand-ins is all of its PATH: nothing is installed.

use strict;
use warnings;

use lib 't/lib';

use File::Temp qw(tempdir);
use Test::More;
use TelephonyTest ();

my $dir = tempdir(CLEANUP => 1);

for my $tool (qw(awk bash cat chmod cut dirname env grep mktemp rm sed sort)) {
    my ($place) = grep { -x } map { "$_/$tool" } qw(/usr/bin /bin);

    symlink $place, "$dir/$tool" or die "$tool: $!\n";
}

# a user; none of the packages is there, and every command tells what it is asked

stand_in('id', 'echo 1000');
stand_in('dpkg-query', ':');
stand_in('systemctl', ':');
stand_in('apt-get', 'echo "apt-get $*" >>' . "$dir/log");

{
    my ($said, $status) = deps('run');

    isnt($status, 0, 'without root and sudo it fails');
    like($said, qr/\Aauto\/deps: root is needed to install .*\bnginx\b/,
         'it says what root is needed for');
    like($said, qr/run auto\/deps run as root once, or install sudo/,
         'and the remedy');
    is(log_of(), '', 'and has not begun');
}

stand_in('sudo', 'echo "sudo $*" >>' . "$dir/log");

{
    my ($said, $status) = deps('run');

    is($status, 0, 'with sudo it installs');

    my @asked = grep { /^sudo/ } split /\n/, log_of();

    # a container has a policy of its own, which stays

    my @policy = -e '/usr/sbin/policy-rc.d' ? ()
               : map { "sudo $_ /usr/sbin/policy-rc.d" }
                 'tee', 'chmod 755', 'rm -f';

    is_deeply([ grep { /policy-rc/ } @asked ], \@policy,
              'services are held meanwhile, if they were not');
    is(scalar(grep { /apt-get .* install -y .*\bnginx\b/ } @asked), 1,
       'nginx is installed');
    is(scalar(grep { $_ eq 'sudo systemctl disable nginx' } @asked), 1,
       'and does not start at boot');
    like($said, qr/systemctl enable --now nginx$/m, 'which is told');
}

stand_in('dpkg-query', <<'END');
shift 3
for package; do
    [ "$package" = make ] || echo "ii  $package"
done
END

{
    my ($said, $status) = deps('run');

    is($status, 0, 'a package that was missing');
    unlike(log_of(), qr/systemctl/,
           'an nginx that was there stays as it was');
    is($said, "auto/deps: installing make\n", 'and nothing is said of it');
}

done_testing();


sub stand_in {
    my ($name, $does) = @_;

    unlink "$dir/$name";
    TelephonyTest::spew("$dir/$name", "#!$dir/bash\n$does\n");
    chmod 0755, "$dir/$name";
}

sub deps {
    unlink "$dir/log";

    my $said = `PATH=$dir TMPDIR=$dir $TelephonyTest::root/auto/deps @_ 2>&1`;

    return ($said, $? >> 8);
}

sub log_of {
    return -e "$dir/log" ? TelephonyTest::slurp("$dir/log") : '';
}
