package TelephonyTraffic;

# The traffic of auto/soak: what the vendor answers, what a client must get for
# it, and ways to ask for it, good and bad.
#
#     my $traffic = TelephonyTraffic->new(port => 2800, seed => 7);
#
#     $traffic->run(more => sub { $n++ < 1000 });
#
#     $traffic->problems;     # what was wrong, one a line
#     $traffic->answered;     # responses that were right
#     $traffic->verdicts;     # { "voipms error INVALID_PARAMETER" => 12, ... }
#     $traffic->unseen;       # requests whose verdict the client cannot know
#
# answer() is the function of TelephonyUpstream.

use strict;
use warnings;

use Compress::Zlib ();
use Errno qw(EAGAIN EINPROGRESS EINTR);
use IO::Socket::INET;
use JSON::PP;
use Socket qw(IPPROTO_TCP SOCK_STREAM SOL_SOCKET SO_LINGER SO_RCVBUF
              TCP_NODELAY inet_aton pack_sockaddr_in);
use Time::HiRes qw(time);

# a failsafe only: whoever waits so long waits for ever

my $patience = 30;

my $rows = join ',', map { sprintf '{"did":"%010d","note":"\u00e9"}',
                           $_ * 7919 } 1 .. 6000;
my $long = '{"status":"success","dids":[' . $rows . ']}';
my $error = '{"status":"invalid_did","message":"This is not a valid DID"}';

my %kinds = (

    # answers that leave as they came

    good => {
        body => '{"status":"success","balance":"1.50"}', verdict => 'success',
    },
    good_late => {
        body => '{"list":[' . substr($rows, 0, rindex $rows, ',', 6000)
                . '],"status":"success"}',
        verdict => 'success',
    },
    good_long => {
        body => $long, answer => { framing => 'chunked', split => 20000 },
        verdict => 'success',
    },
    good_closed => {
        body => $long, answer => { framing => 'close', split => 70000 },
        verdict => 'success',
    },
    good_bytes => {
        body => '{"status":"success","text":"h\u00e9llo w\u00f6rld"}',
        answer => { split => 1 }, verdict => 'success',
    },
    good_gzip => {
        body => $long, coding => 'gzip', verdict => 'success',
    },
    good_gzip_bytes => {
        body => '{"status":"success","text":"twelve twelve twelve"}',
        coding => 'gzip', answer => { split => 3 }, verdict => 'success',
    },
    notice => {
        body => '{"status":"no_sms"}', verdict => 'notice',
        code => 'NO_RESULTS',
    },
    notice_busy => {
        provider => 'mango', body => '{"result":1121}', verdict => 'notice',
        code => 'DESTINATION_BUSY',
    },
    empty => {
        status => 204, body => '',
    },

    # of which nothing can be said

    window => {
        body => '{"list":[' . $rows . '],"status":"invalid_did"}',
        answer => { framing => 'chunked', split => 3000 },
        verdict => 'none', reason => 'window',
    },
    window_gzip => {
        body => '{"list":[' . $rows . '],"status":"invalid_did"}',
        coding => 'gzip', verdict => 'none', reason => 'window',
    },
    html => {
        body => '<html><body>hello</body></html>', verdict => 'none',
        reason => 'not_json',
    },
    no_code => {
        body => '{"answer":42}', verdict => 'none', reason => 'no_code',
    },
    unknown_coding => {
        body => $error, headers => ['Content-Encoding: zstd'],
        verdict => 'none', reason => 'encoding',
    },
    corrupt_gzip => {
        body => "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03no deflate at all",
        headers => ['Content-Encoding: gzip'],
        verdict => 'none', reason => 'encoding',
    },
    truncated_gzip => {
        body => substr(Compress::Zlib::memGzip('{"list":[' . $rows), 0, 900),
        headers => ['Content-Encoding: gzip'],
        verdict => 'none', reason => 'truncated',
    },

    # errors

    error => {
        body => $error, verdict => 'error',
        code => 'INVALID_PHONE_NUMBER', becomes => 400,
    },
    error_get => {
        body => '{"status":"non_sufficient_funds"}', verdict => 'error',
        code => 'INSUFFICIENT_FUNDS', becomes => 402,
    },
    error_405 => {
        provider => 'totalvoice', status => 405,
        body => '{"status":405,"sucesso":false,"motivo":10,'
                . '"mensagem":"numero","dados":null}',
        verdict => 'error',
    },
    error_long => {
        body => substr($error, 0, -1) . ",\"trace\":[$rows]}",
        answer => { framing => 'chunked', split => 9000 },
        verdict => 'error', code => 'INVALID_PHONE_NUMBER', becomes => 400,
    },
    error_bytes => {
        body => $error, answer => { split => 2, framing => 'chunked' },
        verdict => 'error', code => 'INVALID_PHONE_NUMBER', becomes => 400,
    },
    error_gzip => {
        body => $error, coding => 'gzip', verdict => 'error',
        code => 'INVALID_PHONE_NUMBER', becomes => 400,
    },
    error_gzip_bytes => {
        body => $error, coding => 'gzip', answer => { split => 5 },
        verdict => 'error', code => 'INVALID_PHONE_NUMBER', becomes => 400,
    },
    error_html => {
        status => 503, body => '<html>' . 'maintenance ' x 2000 . '</html>',
        verdict => 'error', becomes => 503,
    },
    error_unread => {
        status => 404, body => 'what is this', verdict => 'error',
        headers => ['Content-Encoding: compress'], becomes => 404,
    },
    error_empty => {
        status => 500, body => '', verdict => 'error', becomes => 500,
    },
    error_head => {
        method => 'HEAD', status => 404, body => '', verdict => 'error',
        becomes => 404,
    },
    error_cut => {
        body => substr($error, 0, -1) . ",\"trace\":[$rows]}",
        answer => { cut => 40000, split => 9000 },
        verdict => 'error', code => 'INVALID_PHONE_NUMBER', becomes => 400,
    },

    # a vendor that dies while the answer is held, or before

    cut_held => {
        body => '{"list":[' . $rows, answer => { cut => 800 },
        verdict => 'error', code => 'PROVIDER_UNAVAILABLE', becomes => 503,
    },
    reset_held => {
        body => '{"list":[' . $rows,
        answer => { cut => 800, split => 300, then => 'reset' },
        verdict => 'error', code => 'PROVIDER_UNAVAILABLE', becomes => 503,
    },
    stall_held => {
        body => '{"list":[' . $rows, answer => { cut => 800, then => 'stall' },
        location => 'hasty', verdict => 'error', rare => 1,
        code => 'PROVIDER_UNAVAILABLE', becomes => 503,
    },
    silent => {
        raw => 'HTTP', answer => { delay => 3600 }, location => 'hasty',
        verdict => 'error', rare => 1, code => 'PROVIDER_TIMEOUT',
        becomes => 504,
    },
    no_header => {
        raw => "HTTP/1.1 200 OK\r\nContent-Ty", verdict => 'error',
        code => 'PROVIDER_UNAVAILABLE', becomes => 503,
    },
    refused => {
        location => 'refused', body => '', verdict => 'error',
        code => 'PROVIDER_UNAVAILABLE', becomes => 503,
    },

    # one that dies after the release: cut, as without the module

    cut => {
        body => $long, answer => { cut => 90000, split => 30000 },
        verdict => 'success', ends => 'cut',
    },
    reset => {
        body => $long,
        answer => { cut => 90000, split => 30000, then => 'reset' },
        verdict => 'success', ends => 'cut', or_unavailable => 1,
    },
);

# Locations of nginx, to which a kind without one of its own may go.

my @locations = qw(plain plain plain keepalive unbuffered zipped cached
                   again);

# What a client may do, as often as it stands here.

my @manners = (('polite') x 12, ('closing') x 3, ('pipelining') x 2,
               'version 1.0', 'slow reader', 'slow writer', 'leaver',
               'resetter', 'reader of the head');

for my $name (keys %kinds) {
    my $kind = $kinds{$name};

    $kind->{name} = $name;
    $kind->{provider} //= 'voipms';
    $kind->{status} //= 200;
    $kind->{method} //= 'GET';
    $kind->{ends} //= 'complete';
    $kind->{becomes} //= $kind->{status} if ($kind->{verdict} // '') ne 'error';

    my @headers = @{ $kind->{headers} // [] };

    if ($kind->{coding}) {
        $kind->{body} = Compress::Zlib::memGzip($kind->{body});
        push @headers, "Content-Encoding: $kind->{coding}";
    }

    $kind->{sent} = {
        status => $kind->{status}, headers => \@headers,
        body => $kind->{body},
        defined $kind->{raw} ? (raw => $kind->{raw}) : (),
        %{ $kind->{answer} // {} },
    };
}

my @names = sort keys %kinds;

sub answer {
    my ($request) = @_;

    my ($name) = $request->{path} =~ m{/(\w+)$};

    return $kinds{ $name // '' }{sent} // { status => 599 };
}

sub new {
    my ($class, %options) = @_;

    return bless { at_once => 48, %options, answered => 0, asked => 0,
                   unseen => 0, verdicts => {}, problems => {}, seen => {},
                   connections => {} }, $class;
}

sub answered { return $_[0]{answered} }
sub verdicts { return $_[0]{verdicts} }
sub unseen   { return $_[0]{unseen} }

sub problems {
    my ($self) = @_;

    return map { "$_ (" . $self->{problems}{$_} . ' times)' }
           sort keys %{ $self->{problems} };
}

sub _problem {
    my ($self, $text) = @_;

    $self->{problems}{$text}++;
}

# What the seed says next: below $n.

sub _random {
    my ($self, $n) = @_;

    $self->{seed} = ($self->{seed} * 1103515245 + 12345) & 0x7fffffff;

    return ($self->{seed} >> 8) % $n;
}

sub _any {
    my ($self, @list) = @_;

    return $list[$self->_random(scalar @list)];
}

# Asks as long as more() says so, then waits for what is still open.  between()
# is called now and then.

sub run {
    my ($self, %options) = @_;

    my $more = $options{more};
    my $between = $options{between} // sub { };
    my $open = $self->{connections};
    my $going = 1;

    while (1) {
        $between->();

        while ($going && keys %$open < $self->{at_once}) {
            $going = $more->() or last;
            $self->_connect($self->_plan);
        }

        last if !$going && !keys %$open;

        $self->_turn;
    }
}

# A connection to be: its manner, and the requests.

sub _plan {
    my ($self) = @_;

    my $manner = $self->_any(@manners);
    my $n = $manner eq 'polite' ? 1 + $self->_random(6)
            : $manner eq 'pipelining' ? 2 + $self->_random(3) : 1;

    my @asks = map {
        my $kind = $kinds{ $self->_any(@names) };

        if ($kind->{rare} && $self->_random(4)) {
            $kind = $kinds{ $self->_any(qw(good error notice)) };
        }

        my $location = $kind->{location} // $self->_any(@locations);

        { kind => $kind, location => $location };
    } 1 .. $n;

    return ($manner, @asks);
}

sub _request {
    my ($conn, $ask) = @_;

    my $kind = $ask->{kind};
    my $old = $conn->{manner} eq 'version 1.0';
    my $last = $conn->{manner} ne 'polite' && $conn->{manner} ne 'pipelining';

    return "$kind->{method} /$ask->{location}/$kind->{provider}/$kind->{name}"
           . ' HTTP/1.' . ($old ? 0 : 1) . "\r\nHost: localhost\r\n"
           . ($ask->{location} eq 'zipped' ? "Accept-Encoding: gzip\r\n" : '')
           . ($last && !$old ? "Connection: close\r\n" : '')
           . "\r\n";
}

sub _connect {
    my ($self, $manner, @asks) = @_;

    socket my $fh, Socket::PF_INET(), SOCK_STREAM, 0 or die "socket: $!\n";

    my $flags = fcntl $fh, Fcntl::F_GETFL(), 0;
    fcntl $fh, Fcntl::F_SETFL(), $flags | Fcntl::O_NONBLOCK();
    setsockopt $fh, IPPROTO_TCP, TCP_NODELAY, 1;
    setsockopt $fh, SOL_SOCKET, SO_RCVBUF, 4096 if $manner eq 'slow reader';

    connect $fh, pack_sockaddr_in($self->{port}, inet_aton('127.0.0.1'))
        or $! == EINPROGRESS or die "connect: $!\n";

    my $conn = {
        fh => $fh, no => fileno $fh, manner => $manner, asks => \@asks,
        out => '', in => '', done => 0, asked => 0, reads => 0, at => 0,
        since => time,
    };

    $self->{connections}{ $conn->{no} } = $conn;

    # when a bad client goes: at once, or somewhere in the exchange

    if ($manner eq 'leaver' || $manner eq 'resetter') {
        $conn->{goes} = time + $self->_random(30) / 1000;
    }

    $self->_ask($conn);
    $self->_ask($conn) while $manner eq 'pipelining'
                             && $conn->{asked} < @{ $conn->{asks} };
}

sub _ask {
    my ($self, $conn) = @_;

    $conn->{out} .= _request($conn, $conn->{asks}[ $conn->{asked}++ ]);
    $self->{asked}++;
}

# One round of select().

sub _turn {
    my ($self) = @_;

    my ($read, $write) = ('', '');
    my $now = time;
    my $wait = 0.2;
    my $open = $self->{connections};

    for my $conn (values %$open) {
        my $wakes = $conn->{at} > $now ? $conn->{at} : undef;

        $wakes = $conn->{goes}
            if defined $conn->{goes}
               && (!defined $wakes || $conn->{goes} < $wakes);

        if (defined $wakes && $wakes - $now < $wait) {
            $wait = $wakes - $now;
        }

        next if $conn->{at} > $now;

        vec($read, $conn->{no}, 1) = 1;
        vec($write, $conn->{no}, 1) = 1 if length $conn->{out};
    }

    $wait = 0 if $wait < 0;

    my ($r, $w) = ($read, $write);

    if (select($r, $w, undef, $wait) < 0) {
        return if $! == EINTR;
        die "select: $!\n";
    }

    $now = time;

    for my $conn (values %$open) {
        if (defined $conn->{goes} && $conn->{goes} <= $now) {
            $self->_leave($conn);
            next;
        }

        if ($now - $conn->{since} > $patience) {
            $self->_problem($self->_label($conn) . ': no end of it');
            $self->_drop($conn);
            next;
        }

        $self->_write($conn, $now) if vec $w, $conn->{no}, 1;
        $self->_read($conn, $now) if vec $r, $conn->{no}, 1;
    }
}

sub _write {
    my ($self, $conn, $now) = @_;

    my $size = length $conn->{out};

    if ($conn->{manner} eq 'slow writer') {
        $size = 20;
        $conn->{at} = $now + 0.01;
    }

    my $n = syswrite $conn->{fh}, $conn->{out}, $size;

    # if the connection is gone, reading tells

    substr($conn->{out}, 0, $n // length $conn->{out}) = ''
        if defined $n || ($! != EAGAIN && $! != EINTR);
}

sub _read {
    my ($self, $conn, $now) = @_;

    my $size = 262144;

    if ($conn->{manner} eq 'slow reader' && $conn->{reads}++ < 60) {
        $size = 2000;
        $conn->{at} = $now + 0.02;
    }

    my $n = sysread $conn->{fh}, $conn->{in}, $size, length $conn->{in};

    if (!defined $n) {
        return if $! == EAGAIN || $! == EINTR;
        $conn->{over} = "$!";

    } elsif ($n == 0) {
        $conn->{over} = 'closed';
    }

    if ($conn->{manner} eq 'reader of the head' && length $conn->{in}) {
        $self->_leave($conn);
        return;
    }

    $conn->{since} = $now;

    while ($conn->{done} < $conn->{asked} && $self->_response($conn)) {
        last if !$conn->{no};
    }

    return if !$self->{connections}{ $conn->{no} // -1 };

    if ($conn->{done} == @{ $conn->{asks} }) {
        $self->_problem($self->_label($conn) . ': bytes behind the answer')
            if length $conn->{in};
        $self->_drop($conn);
        return;
    }

    if ($conn->{over} || $conn->{closing}) {
        $self->_again($conn);
        return;
    }

    $self->_ask($conn) if $conn->{done} == $conn->{asked};
}

# A worker that goes down for a new one closes a connection between two
# requests; the rest is asked on another connection.

sub _again {
    my ($self, $conn) = @_;

    my @left = @{ $conn->{asks} }[ $conn->{done} .. $#{ $conn->{asks} } ];

    if (length $conn->{in} || !$conn->{done}) {
        $self->_problem($self->_label($conn) . ": no whole answer, "
                        . ($conn->{over} // 'closing'));
        $self->{unseen}++;
        $conn->{done}++;
        shift @left;
    }

    $self->_drop($conn);
    $self->_connect($conn->{manner}, @left) if @left;
}

sub _leave {
    my ($self, $conn) = @_;

    if ($conn->{manner} eq 'resetter'
        || $conn->{manner} eq 'reader of the head')
    {
        setsockopt $conn->{fh}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    }

    # an error that is given up has two verdicts

    for my $ask (@{ $conn->{asks} }[ $conn->{done} .. $conn->{asked} - 1 ]) {
        $self->{unseen} += $ask->{location} eq 'again' ? 2 : 1;
    }

    $self->_drop($conn);
}

sub _drop {
    my ($self, $conn) = @_;

    delete $self->{connections}{ $conn->{no} };
    close $conn->{fh};
    $conn->{no} = undef;
}

sub _label {
    my ($self, $conn) = @_;

    my $ask = $conn->{asks}[ $conn->{done} ] // $conn->{asks}[-1];

    return "$ask->{kind}{name} in $ask->{location}, $conn->{manner}";
}

# The next response, if it is there to its end: 1 then, and it is checked.

sub _response {
    my ($self, $conn) = @_;

    my $answer = $conn->{answer};

    if (!$answer) {
        my $at = index $conn->{in}, "\r\n\r\n";

        return 0 if $at < 0;

        my $head = substr $conn->{in}, 0, $at;
        substr($conn->{in}, 0, $at + 4) = '';

        my %headers;

        for my $line (split /\r\n/, $head) {
            $headers{lc $1} = $2 if $line =~ /^([^:\s]+):\s*(.*?)\s*$/;
        }

        my ($status) = $head =~ m{^HTTP/1\.1 (\d+)};

        $answer = $conn->{answer} = { status => $status // 0, head => $head,
                                      headers => \%headers, body => '' };
    }

    my $kind = $conn->{asks}[ $conn->{done} ]{kind};
    my $end = _body($conn, $answer, $kind);

    return 0 if !defined $end;

    $answer->{end} = $end;
    delete $conn->{answer};

    my @problems = $self->_check($conn, $kind, $answer);

    if (@problems) {
        $self->_problem($self->_label($conn) . ": $_") for @problems;
    } else {
        $self->{answered}++;
    }

    # provider, verdict, and a code unless the verdict is none

    if (($answer->{headers}{'x-verdict'} // '')
        =~ /^(\w+ (?:none|\w+ \w+))/)
    {
        $self->{verdicts}{$1}++;
    }

    # what was given up was counted before

    my $given_up = $answer->{headers}{'x-given-up'} // '';

    $self->{verdicts}{"$1 error $2"}++ while $given_up =~ /(\w+):(\w+)/g;

    $conn->{done}++;
    $conn->{closing} = 1
        if $end ne 'complete'
           || lc($answer->{headers}{connection} // '') eq 'close';

    return 1;
}

sub _body {
    my ($conn, $answer, $kind) = @_;

    if ($kind->{method} eq 'HEAD' || $answer->{status} =~ /^[23]04$/) {
        return 'complete';
    }

    my $headers = $answer->{headers};

    return _chunks($conn, $answer)
        if ($headers->{'transfer-encoding'} // '') eq 'chunked';

    my $length = $headers->{'content-length'};

    if (defined $length && length $conn->{in} >= $length) {
        $answer->{body} = substr $conn->{in}, 0, $length, '';
        return 'complete';
    }

    return if !$conn->{over};

    $answer->{body} = $conn->{in};
    $conn->{in} = '';

    return $conn->{over} eq 'closed' && !defined $length ? 'complete' : 'cut';
}

sub _chunks {
    my ($conn, $answer) = @_;

    while ($conn->{in} =~ /\A([0-9a-f]+)\r\n/) {
        my ($size, $start) = (hex $1, $+[0]);

        last if length $conn->{in} < $start + $size + 2;

        $answer->{body} .= substr $conn->{in}, $start, $size;
        substr($conn->{in}, 0, $start + $size + 2) = '';

        return 'complete' if $size == 0;
    }

    return if !$conn->{over};

    if ($conn->{in} =~ /\A([0-9a-f]+)\r\n(.*)\z/s) {
        $answer->{body} .= $2;
    }

    $conn->{in} = '';

    return 'cut';
}

sub _check {
    my ($self, $conn, $kind, $answer) = @_;

    my @problems;
    my $headers = $answer->{headers};
    my $ends = $kind->{ends};
    my $becomes = $kind->{becomes};
    my $verdict = $kind->{verdict} // '';
    my $code = $kind->{code} // ($verdict eq 'success' ? 'OK' : undef);
    my $got = $headers->{'x-verdict'} // '';

    if ($kind->{or_unavailable} && $answer->{status} == 503) {
        ($ends, $becomes, $verdict, $code) =
            ('complete', 503, 'error', 'PROVIDER_UNAVAILABLE');
    }

    # HTTP/1.0 and a body without a length end in the same way

    if ($ends eq 'cut' && !defined $headers->{'content-length'}
        && ($headers->{'transfer-encoding'} // '') ne 'chunked')
    {
        $answer->{end} = 'cut';
    }

    push @problems, "ends $answer->{end}, not $ends" if $answer->{end} ne $ends;
    push @problems, "status $answer->{status}, not $becomes"
        if defined $becomes && $answer->{status} ne $becomes;

    if ($verdict ne '') {
        my $want = "$kind->{provider} $verdict";

        $want .= " $code" if defined $code;
        $want .= " $kind->{reason}" if defined $kind->{reason};

        (my $short = $got) =~ s/\s+/ /g;
        push @problems, "judged \"$short\", not \"$want\""
            if substr("$short ", 0, 1 + length $want) ne "$want ";
    }

    my $said = $headers->{'telephony-code'} // '';
    my $says = $verdict eq 'error' || $verdict eq 'notice' ? $code // $said
                                                           : '';

    push @problems, "Telephony-Code \"$said\", not \"$says\"" if $said ne $says;

    if ($verdict eq 'error') {
        push @problems, $self->_check_envelope($kind, $answer);

    } else {
        push @problems, _check_passed($kind, $answer, $ends);
    }

    return @problems;
}

sub _plain_body {
    my ($answer, $coding) = @_;

    return $answer->{body}
        if ($answer->{headers}{'content-encoding'} // '') eq $coding;

    # nginx's own gzip

    if (($answer->{headers}{'content-encoding'} // '') eq 'gzip') {
        my $copy = $answer->{body};

        return Compress::Zlib::memGunzip($copy) // 'no gzip';
    }

    return $answer->{body};
}

sub _check_passed {
    my ($kind, $answer, $ends) = @_;

    my ($coding) = map { /^Content-Encoding: (\S+)/ ? $1 : () }
                   @{ $kind->{sent}{headers} };

    $coding //= '';

    my $coded = $answer->{headers}{'content-encoding'} // '';

    return "Content-Encoding $coded, not $coding"
        if $coded ne $coding && !($coding eq '' && $coded eq 'gzip');

    return if $kind->{method} eq 'HEAD';

    if ($ends eq 'cut') {
        my $body = $answer->{body};

        # of what nginx compressed itself, the beginning cannot be compared

        return if $coded ne $coding;
        return 'another body' if index $kind->{body}, $body;
        return 'a whole body' if length $body > $kind->{sent}{cut};
        return;
    }

    return _plain_body($answer, $coding) eq $kind->{body} ? () : 'another body';
}

# The first envelope of a kind is looked at; all others must be the same.

sub _check_envelope {
    my ($self, $kind, $answer) = @_;

    my @problems;

    return if $kind->{method} eq 'HEAD';

    my $body = _plain_body($answer, '');

    $body =~ s/"urn:uuid:[0-9a-f-]{36}"/"id"/;

    my $key = "$kind->{name} $answer->{status}";

    if (defined $self->{seen}{$key}) {
        return $body eq $self->{seen}{$key} ? () : 'another envelope';
    }

    my $json = eval { JSON::PP->new->utf8->decode($body) };

    return 'no envelope' if ref $json ne 'HASH';

    my %want = (status => $answer->{status}, provider => $kind->{provider},
                code => $answer->{headers}{'telephony-code'} // '');
    my %got = (%$json, provider => $json->{provider}{name} // '');

    for my $name (sort keys %want) {
        push @problems, "$name \"" . ($got{$name} // '') . '" in the envelope'
            if ($got{$name} // '') ne $want{$name};
    }

    push @problems, 'type ' . ($answer->{headers}{'content-type'} // 'missing')
        if ($answer->{headers}{'content-type'} // '')
           ne 'application/problem+json';

    $self->{seen}{$key} = $body if !@problems;

    return @problems;
}

1;
