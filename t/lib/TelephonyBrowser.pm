package TelephonyBrowser;

# A headless Chromium, told what to do over its DevTools protocol, through a
# pair of pipes: no port and no further library.
#
#     my $browser = TelephonyBrowser->start or plan skip_all => '...';
#
#     $browser->open('http://127.0.0.1:1984/', width => 390, dark => 1);
#     $browser->value('document.title');
#     $browser->requests;      # addresses of all that was asked for
#     $browser->complaints;    # what the console said

use strict;
use warnings;

use File::Temp ();
use IO::Select;
use JSON::PP;
use MIME::Base64;
use POSIX ();

my $timeout = 60;

# Returns undef if there is no chromium.

sub start {
    my ($class) = @_;

    my ($chromium) = grep { -x } map { ("$_/chromium", "$_/chromium-browser") }
                     split /:/, $ENV{PATH};

    return unless $chromium;

    my $self = bless { owner => $$, id => 0, requests => [],
                       complaints => [],
                       profile => File::Temp->newdir }, $class;

    pipe my $in, my $to or die "pipe: $!\n";
    pipe my $from, my $out or die "pipe: $!\n";

    $self->{pid} = fork // die "fork: $!\n";

    if ($self->{pid} == 0) {
        setpgrp 0, 0;

        # 3 and 4 are where it listens and answers; both may be taken

        POSIX::dup2(fileno $in, 30);
        POSIX::dup2(fileno $out, 31);
        POSIX::dup2(30, 3);
        POSIX::dup2(31, 4);
        POSIX::close($_) for 30, 31;
        CORE::open STDOUT, '>', '/dev/null';
        CORE::open STDERR, '>', "$self->{profile}/log";

        exec $chromium, qw(--headless --no-sandbox --disable-gpu
            --disable-quic --disable-dev-shm-usage --no-first-run
            --disable-background-networking --disable-component-update
            --disable-sync --hide-scrollbars --remote-debugging-pipe),
            "--user-data-dir=$self->{profile}/data", 'about:blank'
            or POSIX::_exit(127);
    }

    close $in;
    close $out;

    $to->autoflush(1);
    $self->{to} = $to;
    $self->{from} = $from;
    $self->{buffer} = '';

    $self->_new_page;

    return $self;
}

sub _new_page {
    my ($self) = @_;

    my $target = $self->call('Target.createTarget', url => 'about:blank');
    my $session = $self->call('Target.attachToTarget', flatten => JSON::PP::true,
                              targetId => $target->{targetId});

    $self->{session} = $session->{sessionId};

    $self->call("$_.enable") for qw(Page Network Log Runtime);
}

# Calls a method of the protocol and returns its result.

sub call {
    my ($self, $method, %parameters) = @_;

    my $id = ++$self->{id};
    my %call = (id => $id, method => $method, params => \%parameters);

    $call{sessionId} = $self->{session} if $self->{session};

    local $SIG{PIPE} = 'IGNORE';

    print { $self->{to} } encode_json(\%call), "\0";

    while (1) {
        my $message = $self->_message;

        next unless ($message->{id} // 0) == $id;

        die "$method: $message->{error}{message}\n" if $message->{error};

        return $message->{result};
    }
}

# The next message, of which an event is noted as well.

sub _message {
    my ($self) = @_;

    my $select = IO::Select->new($self->{from});

    while (index($self->{buffer}, "\0") < 0) {
        $select->can_read($timeout)
            && sysread $self->{from}, $self->{buffer}, 65536,
                       length $self->{buffer}
            or die "the browser is silent\n";
    }

    my $end = index $self->{buffer}, "\0";
    my $message = decode_json(substr $self->{buffer}, 0, $end);
    substr($self->{buffer}, 0, $end + 1) = '';

    my $method = $message->{method} // '';
    my $what = $message->{params};

    if ($method eq 'Network.requestWillBeSent') {
        push @{ $self->{requests} }, $what->{request}{url};

    } elsif ($method eq 'Log.entryAdded') {
        push @{ $self->{complaints} }, $what->{entry}{text};

    } elsif ($method eq 'Runtime.exceptionThrown') {
        push @{ $self->{complaints} },
             $what->{exceptionDetails}{exception}{description}
             // $what->{exceptionDetails}{text};

    } elsif ($method eq 'Page.loadEventFired') {
        $self->{loaded} = 1;
    }

    return $message;
}

# Opens an address in a window of width (1280), with dark or noscript if asked
# for, and waits until it is loaded.

sub open {
    my ($self, $address, %options) = @_;

    $self->call('Emulation.setDeviceMetricsOverride',
                width => $options{width} // 1280, height => 900,
                deviceScaleFactor => 1,
                mobile => $options{width} && $options{width} < 600
                          ? JSON::PP::true : JSON::PP::false);
    $self->call('Emulation.setEmulatedMedia', features => [
        { name => 'prefers-color-scheme',
          value => $options{dark} ? 'dark' : 'light' } ]);
    $self->call('Emulation.setScriptExecutionDisabled',
                value => $options{noscript} ? JSON::PP::true
                                            : JSON::PP::false);

    $self->{requests} = [];
    $self->{complaints} = [];
    $self->{loaded} = 0;

    $self->call('Page.navigate', url => $address);

    $self->_message until $self->{loaded};
}

# The value of a JavaScript expression; of a promise, what comes of it.

sub value {
    my ($self, $expression) = @_;

    my $result = $self->call('Runtime.evaluate', expression => $expression,
                             awaitPromise => JSON::PP::true,
                             returnByValue => JSON::PP::true);

    if ($result->{exceptionDetails}) {
        die "$expression: $result->{exceptionDetails}{exception}{description}\n";
    }

    return $result->{result}{value};
}

# The elements whose text does not stand out from its ground (WCAG AA), as HTML.

sub faint {
    my ($self) = @_;

    return $self->value(<<'END');
(function () {
    function parts(color) {
        return color.match(/[\d.]+/g).map(Number);
    }

    function light(color) {
        var c = parts(color).slice(0, 3).map(function (x) {
            x /= 255;
            return x <= 0.03928 ? x / 12.92
                                : Math.pow((x + 0.055) / 1.055, 2.4);
        });

        return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
    }

    function ground(element) {
        for (; element; element = element.parentElement) {
            var color = getComputedStyle(element).backgroundColor;

            if (parts(color)[3] !== 0) {
                return light(color);
            }
        }

        return 1;
    }

    return Array.from(document.querySelectorAll(
            "h1, h2, p, a, button, dt, dd, th, td, code, pre, caption"))
        .filter(function (element) {
            var a = light(getComputedStyle(element).color);
            var b = ground(element);

            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
        })
        .map(function (element) { return element.outerHTML; })
        .join("\n");
}())
END
}

# Whether the page has dark colours.

sub dark {
    my ($self) = @_;

    return $self->value('getComputedStyle(document.body)'
                        . '.backgroundColor.match(/\d+/)[0] < 128');
}

# The tables that lack a caption or headers, as HTML.

sub untold_tables {
    my ($self) = @_;

    return $self->value(<<'END');
Array.from(document.querySelectorAll("table")).filter(function (table) {
    return !table.caption || !table.caption.textContent.trim()
        || table.querySelector("thead :not(tr, th[scope=col], th *)")
        || Array.from(table.tBodies[0].rows).some(function (row) {
               return !row.querySelector("th[scope=row]")
                   || row.cells.length !== table.tHead.rows[0].cells.length;
           });
}).map(function (table) { return table.outerHTML; }).join("\n")
END
}

# The cells whose content is wider than they are, as HTML.

sub stuck_out {
    my ($self) = @_;

    return $self->value(<<'END');
Array.from(document.querySelectorAll("th, td, dd")).filter(function (cell) {
    return cell.scrollWidth > cell.clientWidth + 1;
}).map(function (cell) { return cell.outerHTML; }).join("\n")
END
}

# Writes a picture of the whole page, or of what stands above the bottom of the
# element that a selector names.

sub picture {
    my ($self, $file, $last) = @_;

    my %part;

    if (defined $last) {
        my $size = $self->value(<<"END");
(function () {
    var box = document.querySelector("$last").getBoundingClientRect();

    return [ document.documentElement.clientWidth,
             Math.ceil(box.bottom + window.scrollY) + 16 ];
}())
END
        $part{clip} = { x => 0, y => 0, scale => 1, width => $size->[0],
                        height => $size->[1] };
    }

    my $shot = $self->call('Page.captureScreenshot', %part,
                           captureBeyondViewport => JSON::PP::true);

    CORE::open my $out, '>:raw', $file or die "$file: $!\n";
    print $out decode_base64($shot->{data});
    close $out;
}

sub requests {
    my ($self) = @_;

    return @{ $self->{requests} };
}

sub complaints {
    my ($self) = @_;

    return @{ $self->{complaints} };
}

sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid};

    return if !defined $pid || $self->{owner} != $$;

    local ($?, $@, $!);

    # it is the leader of a group of processes, which write to its profile

    eval { delete $self->{session}; $self->call('Browser.close') };
    kill 'TERM', -$pid;
    waitpid $pid, 0;

    for (1 .. 100) {
        last unless kill 0, -$pid;
        select undef, undef, undef, 0.05;
    }
}

sub DESTROY {
    my ($self) = @_;

    $self->stop;
}

1;
