# What lies in a file goes from there to the socket as soon as the module has
# let it go: a worker does not read what nobody looks at.  See TelephonyWire.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyWire;

use Test::More;

plan(skip_all => 'no counters of system calls in /proc')
    if !-r "/proc/$$/io" || !-r "/proc/$$/task/$$/children";

my $n = 8_000_000;
my $list = ',"list":"' . 'x' x $n . '"}';

http_block(<<"END");
    proxy_cache_path $ENV{TEST_NGINX_SERVROOT}-own/cache keys_zone=c:1m;
    proxy_cache_key \$uri\$http_x_case;
END

my $cache = 'proxy_cache c; proxy_cache_valid any 1h; sendfile on;';

setting(cache => $cache);
setting(sub_filter => "$cache sub_filter xyz abc; sub_filter_types *;");

wire('a large success from the cache', at => 'cache', ask => calls(), end =>
     'about as many', answer => { body => '{"status":"success"' . $list });

wire('a large answer that is none', at => 'cache', ask => calls(), end =>
     'about as many', answer => { body => '<html>' . $list });

wire('the rest of a large error is not read at all', at => 'cache',
     ask => calls(1), end => 'about as many',
     answer => { status => 500, body => '<html>' . $list });

wire('a filter behind the module still reads it', at => 'sub_filter',
     same => 1, times => 2, verdict => 'success',
     answer => { body => '{"status":"success"' . $list });

run_wire();


# The worker's system calls that read, which count sendfile, too: for five
# answers from the cache, with the module and without.

sub calls {
    my ($small) = @_;

    return sub {
        my ($case, $location) = @_;

        (my $off = $location) =~ s{^/on/}{/off/};

        my ($on, $plain) = map { calls_for($case, $_) } $location, $off;

        # 32 KB at a time would be 245 calls an answer

        return { end => $on - ($small ? 0 : $plain) < 5 * 100
                        ? 'about as many' : "$on, without the module $plain" };
    };
}

sub calls_for {
    my ($case, $location) = @_;

    my $before;

    for my $turn (0 .. 5) {
        my $connection = connect_to();

        $connection->send_bytes(request_of($case, $location));
        $connection->response('GET');
        $before //= reads();
    }

    return reads() - $before;
}

sub reads {
    my $master = $nginx->pid;

    open my $children, '<', "/proc/$master/task/$master/children" or die $!;
    my ($worker) = split ' ', <$children> // '';

    open my $io, '<', "/proc/$worker/io" or die "/proc/$worker/io: $!\n";

    return (map { /^syscr: (\d+)/ } <$io>)[0];
}
