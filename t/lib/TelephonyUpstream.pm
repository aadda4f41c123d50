package TelephonyUpstream;

# A fake vendor for the tests: an HTTP/1.x server on loopback, in a process of
# its own, that answers what a function of the test says, down to single bytes.
#
#     my $upstream = TelephonyUpstream->start($port, sub {
#         my ($request) = @_;     # method, uri, path, version, headers, body
#
#         return { status => 200, body => '{"status":"success"}' };
#     });
#     ...
#     $upstream->stop;            # also at the end of the test
#
# The function runs in the process of the server; it sees what the test had
# before start.  What it may return:
#
#   status    200 if missing; "405 Some Reason" names the reason, too
#   headers   [ "Name: value", ... ]; Content-Type is application/json unless
#             named here ("Content-Type:" leaves it out)
#   body      bytes
#   framing   length (default), chunked, or close (until the end of connection)
#   trailers  [ "Name: value", ... ] behind a chunked body
#   gzip      true: the body is compressed; "br" for brotli, where installed
#   split     bytes sent at a time (all at once if missing); splits everything
#             behind the status line, and chunks a chunked body alike
#   gap       seconds between two parts (0.001)
#   delay     seconds before the first byte
#   cut       bytes of the body that are sent; then the connection is closed
#   then      what happens instead at a cut: reset, or stall (kept open)
#   raw       the whole answer as bytes, in place of all the above; then closed,
#             or what "then" says
#   count     true: adds "X-Connection: n" and "X-Request: n", counted from 1
#             by the server, and on the connection
#
# \&TelephonyUpstream::echo is such a function: it says the body that it is
# sent, with the status of X-Answer.

use strict;
use warnings;

use IO::Compress::Gzip ();
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(IPPROTO_TCP TCP_NODELAY SOL_SOCKET SO_LINGER);
use Time::HiRes qw(time);

my %reasons = (
    200 => 'OK', 201 => 'Created', 202 => 'Accepted', 204 => 'No Content',
    206 => 'Partial Content', 302 => 'Found', 304 => 'Not Modified',
    400 => 'Bad Request', 401 => 'Unauthorized', 402 => 'Payment Required',
    403 => 'Forbidden', 404 => 'Not Found', 405 => 'Method Not Allowed',
    409 => 'Conflict', 416 => 'Range Not Satisfiable', 420 => 'Method Failure',
    422 => 'Unprocessable Entity', 429 => 'Too Many Requests',
    500 => 'Internal Server Error', 501 => 'Not Implemented',
    502 => 'Bad Gateway', 503 => 'Service Unavailable',
    504 => 'Gateway Timeout',
);

sub echo {
    my ($request) = @_;

    return {
        status => $request->{headers}{'x-answer'},
        body   => $request->{body},
    };
}

sub start {
    my ($class, $port, $handler) = @_;

    my $listener = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1',
        LocalPort => $port,
        Proto     => 'tcp',
        Listen    => 511,
        ReuseAddr => 1,
        Blocking  => 0,
    ) or die "fake upstream: cannot listen on port $port: $!\n";

    my $pid = fork;

    die "fake upstream: fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(TERM INT HUP CHLD __DIE__);
        $SIG{PIPE} = 'IGNORE';

        eval { _serve($listener, $handler, getppid()) };

        warn "fake upstream: $@" if $@;
        POSIX::_exit(1);
    }

    close $listener;

    return bless { pid => $pid, owner => $$, port => $port }, $class;
}

sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid};

    return if !defined $pid || $self->{owner} != $$;

    kill 'KILL', $pid;

    local $?;
    waitpid $pid, 0;
}

sub DESTROY {
    my ($self) = @_;

    $self->stop;
}

# Builds the parts of an answer: strings to send and numbers of seconds to
# wait, in order.  The last element says what happens to the connection: keep,
# close, reset or stall.

sub _parts {
    my ($request, $answer, $counts) = @_;

    if (defined $answer->{raw}) {
        return (_split($answer, '', $answer->{raw}),
                $answer->{then} // 'close');
    }

    my ($code, $reason) = split / /, $answer->{status} // 200, 2;
    $reason //= $reasons{$code} // 'Unknown';

    my @headers = @{ $answer->{headers} // [] };
    my $body = $answer->{body} // '';
    my $framing = $answer->{framing} // 'length';

    if (!grep { /^Content-Type:/i } @headers) {
        unshift @headers, 'Content-Type: application/json';
    }

    @headers = grep { !/^Content-Type:\s*$/i } @headers;

    if ($answer->{count}) {
        push @headers, map { "X-$_: $counts->{$_}" } qw(Connection Request);
    }

    if ($answer->{gzip}) {
        my $coding = $answer->{gzip} eq 'br' ? 'br' : 'gzip';

        push @headers, "Content-Encoding: $coding";
        $body = _compress($coding, $body);
    }

    my $keep = $request->{version} eq '1.1'
               && ($request->{headers}{connection} // '') !~ /close/i
               || ($request->{headers}{connection} // '') =~ /keep-alive/i;

    my $bodiless = $request->{method} eq 'HEAD'
                   || $code =~ /^(?:1\d\d|204|304)$/;

    my $end = $keep ? 'keep' : 'close';

    if ($framing eq 'close') {
        $end = 'close';

    } elsif ($framing eq 'chunked') {
        push @headers, 'Transfer-Encoding: chunked';

    } elsif ($code !~ /^(?:1\d\d|204)$/) {
        push @headers, 'Content-Length: ' . length $body;
    }

    if (!grep { /^Connection:/i } @headers) {
        push @headers, 'Connection: ' . ($end eq 'keep' ? 'keep-alive'
                                                        : 'close');
    }

    my $head = join '', map { "$_\r\n" } @headers, '';
    my $payload = $bodiless ? '' : $body;

    if (defined $answer->{cut}) {
        $payload = substr $payload, 0, $answer->{cut};
        $end = $answer->{then} // 'close';
    }

    if ($framing eq 'chunked' && !$bodiless) {
        my $size = $answer->{split} || length $payload || 1;
        my @chunks = unpack "(a$size)*", $payload;

        $payload = join '', map { sprintf "%x\r\n%s\r\n", length, $_ } @chunks;

        if (!defined $answer->{cut}) {
            $payload .= join '', "0\r\n",
                        map { "$_\r\n" } @{ $answer->{trailers} // [] }, '';
        }
    }

    return (_split($answer, "HTTP/1.1 $code $reason\r\n", "$head$payload"),
            $end);
}

sub _split {
    my ($answer, $first, $rest) = @_;

    my $size = $answer->{split};
    my $gap = $answer->{gap} // 0.001;

    my @parts = $size ? unpack "(a$size)*", $rest : $rest;

    $parts[0] = $first . ($parts[0] // '');

    return ($answer->{delay} // 0,
            map { ($_, $gap) } grep { length } @parts);
}

sub _compress {
    my ($coding, $body) = @_;

    if ($coding eq 'gzip') {
        my $out;

        IO::Compress::Gzip::gzip(\$body => \$out, -Minimal => 1)
            or die "gzip: $IO::Compress::Gzip::GzipError\n";

        return $out;
    }

    require File::Temp;

    my $file = File::Temp->new;

    print $file $body;
    close $file;

    my $out = `brotli -c $file`;

    die "brotli: failed\n" if $?;

    return $out;
}

sub _parse {
    my ($in) = @_;

    return if $$in !~ /\r\n\r\n/;

    my $head = substr $$in, 0, $-[0];
    my $start = $+[0];

    my ($line, @fields) = split /\r\n/, $head;
    my ($method, $uri, $version) = $line =~ m{^(\S+) (\S+) HTTP/(\d\.\d)$}
        or die "bad request line: $line\n";

    my %headers = map { /^([^:]+):\s*(.*?)\s*$/ ? (lc $1, $2) : () } @fields;

    my $length = $headers{'content-length'} // 0;

    return if length($$in) < $start + $length;

    my $body = substr $$in, $start, $length;
    substr($$in, 0, $start + $length) = '';

    (my $path = $uri) =~ s/\?.*//s;

    return {
        method => $method, uri => $uri, path => $path, version => $version,
        headers => \%headers, body => $body,
    };
}

sub _serve {
    my ($listener, $handler, $parent) = @_;

    my $readers = IO::Select->new($listener);
    my %clients;
    my $connections = 0;

    my $drop = sub {
        my ($fh, $reset) = @_;

        if ($reset) {
            setsockopt $fh, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
        }

        $readers->remove($fh);
        delete $clients{ fileno $fh };
        close $fh;
    };

    while (getppid() == $parent) {

        # send what is due, and find when the next part is

        my $now = time;
        my $next = 0.5;
        my $writers = IO::Select->new;

        for my $client (values %clients) {
            next unless $client->{parts};

            my $parts = $client->{parts};

            while (@$parts > 1 && $client->{at} <= $now) {
                if (!$client->{sending}) {
                    $client->{at} = $now + shift @$parts;
                    $client->{sending} = 1;
                    next;
                }

                my $n = syswrite $client->{fh}, $parts->[0];

                if (!defined $n) {
                    last if $!{EAGAIN};
                    $parts = $client->{parts} = ['close'];
                    last;
                }

                substr($parts->[0], 0, $n) = '';

                last if length $parts->[0];

                shift @$parts;
                $client->{sending} = 0;
            }

            if (@$parts > 1) {
                my $wait = $client->{at} - $now;

                if ($wait <= 0) {
                    $writers->add($client->{fh});

                } elsif ($wait < $next) {
                    $next = $wait;
                }

                next;
            }

            my $end = $parts->[0];

            if ($end eq 'close' || $end eq 'reset') {
                $drop->($client->{fh}, $end eq 'reset');

            } elsif ($end eq 'keep') {
                delete $client->{parts};
                $next = 0 if length $client->{in};
            }
        }

        my ($read) = IO::Select->select($readers, $writers, undef, $next);

        for my $fh (@{ $read // [] }) {

            if ($fh == $listener) {
                while (my $new = $listener->accept) {
                    $new->blocking(0);
                    setsockopt $new, IPPROTO_TCP, TCP_NODELAY, 1;
                    $readers->add($new);
                    $clients{ fileno $new } = {
                        fh => $new, in => '', requests => 0,
                        connection => ++$connections,
                    };
                }

                next;
            }

            my $client = $clients{ fileno $fh } or next;
            my $n = sysread $fh, $client->{in}, 65536, length $client->{in};

            if (!$n && !(!defined $n && $!{EAGAIN})) {
                $drop->($fh);
            }
        }

        for my $client (values %clients) {
            next if $client->{parts};

            my $request = _parse(\$client->{in}) or next;

            $client->{parts} = [ _parts($request, $handler->($request), {
                Connection => $client->{connection},
                Request    => ++$client->{requests},
            }) ];
            $client->{sending} = 0;
            $client->{at} = 0;
        }
    }

    POSIX::_exit(0);
}

1;
