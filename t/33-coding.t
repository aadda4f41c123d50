# Compressed answers: judged by what is in them, released as they came.  Raw
# connections, see TelephonyWire.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyWire;

use Compress::Zlib ();
use File::Temp ();
use IO::Compress::Deflate ();
use IO::Compress::RawDeflate ();
use Test::More;

my $success = '{"status":"success","did":[1,2,3,"\u00e9"]}';
my $late = '{"did":[{"a":"status"},2,3],"status":"success"}';
my $error = '{"status":"non_sufficient_funds"}';
my $late_error = '{"did":[{"a":"status"},2,3],"status":"invalid_did"}';
my $notice = '{"status":"no_sms"}';
my $numbers = join ',', map { $_ * 7919 } 1 .. 20_000;
my $big = "{\"status\":\"success\",\"list\":[$numbers]}";
my $big_error = "{\"status\":\"invalid_did\",\"list\":[$numbers]}";

# what no coding makes smaller

my $noise = '';
my $x = 1;

while (length $noise < 3000) {
    $x = ($x * 1103515245 + 12345) & 0x7fffffff;
    $noise .= chr 0x23 + ($x >> 16) % 57;
}

# the tested binary says whether it reads brotli

my ($file) = split ' ', $ENV{TEST_NGINX_LOAD_MODULES}
                        || $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';
my $brotli = slurp($file) =~ /BrotliDecoderCreateInstance/
             && `brotli --version 2>/dev/null` ne '';

diag('brotli is not tested: no decoder in the module, or no encoder')
    if !$brotli;

sub slurp {
    my ($name) = @_;

    open my $in, '<:raw', $name or die "$name: $!\n";
    local $/;

    return scalar <$in>;
}

sub gz {
    my ($body) = @_;

    return Compress::Zlib::memGzip($body);
}

sub zlib {
    my ($body) = @_;

    IO::Compress::Deflate::deflate(\$body => \my $out);

    return $out;
}

sub raw {
    my ($body) = @_;

    IO::Compress::RawDeflate::rawdeflate(\$body => \my $out);

    return $out;
}

sub br {
    my ($body, @options) = @_;

    my $in = File::Temp->new;

    binmode $in;
    print $in $body;
    close $in;

    return scalar `brotli @options -c $in`;
}

sub coded {
    my ($coding, $body, %how) = @_;

    return { headers => [ "Content-Encoding: $coding",
                          @{ delete $how{headers} // [] } ],
             body => $body, %how };
}

setting(plain => '');
setting(unbuffered => 'proxy_buffering off;');
setting(small => 'proxy_buffer_size 1k; proxy_buffers 2 1k;
                  proxy_busy_buffers_size 1k; proxy_max_temp_file_size 0;');
setting(window => 'telephony_errors_window 512;');
setting(wide => 'telephony_errors_window 1m;');
setting(gunzip => 'gunzip on;');
setting(gzip => 'gzip on; gzip_types *; gzip_proxied any; gzip_min_length 1;');

my @modes = qw(plain unbuffered small);

my @codings = (['gzip', \&gz], ['x-gzip', \&gz], ['GZip', \&gz],
               ['deflate', \&zlib, 'deflate with the wrapper of zlib'],
               ['deflate', \&raw, 'deflate without a wrapper'],
               $brotli ? ['br', \&br] : ());


# judged by what is in it, and the bytes of the vendor released

for (@codings) {
    my ($coding, $code, $name) = @$_;

    $name //= $coding;

    for my $split (0, 1, 7) {
        my %how = (split => $split, gap => 0,
                   framing => $split == 7 ? 'chunked' : 'length');
        my $what = "$name, " . ($split || 'all') . ' bytes at a time';

        wire("a success leaves as it came: $what",
             at => \@modes, times => 2, same => 1, verdict => 'success',
             body => $code->($success), like => qr/^Content-Encoding: $coding/m,
             answer => coded($coding, $code->($success), %how));

        wire("a success whose code comes last leaves as it came: $what",
             at => \@modes, same => 1, verdict => 'success',
             body => $code->($late),
             answer => coded($coding, $code->($late), %how));

        wire("a notice keeps its bytes: $what",
             at => \@modes, verdict => 'notice', notice => 'NO_RESULTS',
             status => 200, body => $code->($notice),
             like => qr/^Content-Encoding: $coding/m,
             answer => coded($coding, $code->($notice), %how));

        wire("an error is replaced, and is not coded: $what",
             at => \@modes, times => 2, status => 402,
             code => 'INSUFFICIENT_FUNDS', unlike => qr/^Content-Encoding/mi,
             answer => coded($coding, $code->($error), %how));

        wire("an error whose code comes last is replaced: $what",
             at => \@modes, status => 400, code => 'INVALID_PHONE_NUMBER',
             answer => coded($coding, $code->($late_error), %how));

        wire("an error status is judged by the body: $what",
             at => \@modes, status => 402, code => 'INSUFFICIENT_FUNDS',
             unlike => qr/^Content-Encoding/mi, reason => '',
             answer => coded($coding, $code->($error), status => 500, %how));
    }

    wire("a large success leaves as it came: $name",
         at => \@modes, times => 2, same => 1, verdict => 'success',
         body => $code->($big),
         answer => coded($coding, $code->($big), framing => 'chunked'));

    wire("a large error is replaced, its rest is swallowed: $name",
         at => \@modes, times => 2, status => 400,
         code => 'INVALID_PHONE_NUMBER',
         answer => coded($coding, $code->($big_error)));

    # the window counts what is decoded

    my $wide = '{"list":"' . 'x' x 600 . '","status":"invalid_did"}';
    my $fits = '{"list":"' . 'x' x 400 . '","status":"invalid_did"}';

    wire("few bytes that are many decoded are over the window: $name",
         at => 'window', same => 1, verdict => 'none', reason => 'window',
         answer => coded($coding, $code->($wide)));

    wire("what is decoded fits into the window: $name",
         at => 'window', status => 400, code => 'INVALID_PHONE_NUMBER',
         answer => coded($coding, $code->($fits)));

    wire("an error code at the beginning is seen however long it is: $name",
         at => 'window', status => 400, code => 'INVALID_PHONE_NUMBER',
         answer => coded($coding, $code->($big_error)));

    wire("an error status over the window is judged by what is known: $name",
         at => 'window', status => 503, code => 'PROVIDER_UNAVAILABLE',
         reason => 'window',
         answer => coded($coding, $code->($wide), status => 502));

    wire("what cannot be made smaller is over the window, too: $name",
         at => 'window', same => 1, verdict => 'none', reason => 'window',
         answer => coded($coding,
                         $code->("{\"list\":\"$noise\",\"status\":1}")));

    # broken in every way

    wire("an empty body is no coding: $name",
         at => 'plain', same => 1, verdict => 'none', reason => 'empty',
         answer => coded($coding, ''));

    wire("an empty body with an error status: $name",
         at => 'plain', status => 404, code => 'NOT_FOUND',
         reason => 'empty', answer => coded($coding, '', status => 404));

    my $whole = $code->($late);

    # (the first byte of what has no header may be a whole stream)

    wire("a success that is truncated leaves as it came: $name",
         at => \@modes, same => 1, verdict => 'none', reason => 'truncated',
         answer => [ map { coded($coding, substr $whole, 0, $_) }
                     2, int(length($whole) / 2), length($whole) / 1.3 ],
         times => 3);

    wire("an error status that is truncated gets the envelope: $name",
         at => 'plain', status => 429, code => 'RATE_LIMITED',
         reason => 'truncated',
         answer => coded($coding, substr($whole, 0, 9), status => 429));

    wire("a code before the place where it is truncated counts: $name",
         at => 'plain', status => 400, code => 'INVALID_PHONE_NUMBER',
         answer => coded($coding,
                         substr($code->($big_error), 0,
                                length($code->($big_error)) - 20)));

    wire("HEAD with an error status: $name",
         at => \@modes, method => 'HEAD', status => 404, code => 'NOT_FOUND',
         reason => 'head', unlike => qr/^Content-(?:Encoding|Length)/mi,
         answer => coded($coding, $code->($error), status => 404));

    wire("HEAD with a good status passes: $name",
         at => \@modes, method => 'HEAD', same => 1, verdict => 'none',
         reason => 'head', like => qr/^Content-Encoding: $coding/m,
         answer => coded($coding, $code->($success)));

    wire("a vendor that dies while the answer is held: $name",
         at => \@modes, status => 503, code => 'PROVIDER_UNAVAILABLE',
         reason => 'generated', unlike => qr/^Content-Encoding/mi,
         answer => coded($coding, $whole, cut => 10));

    wire("one that dies in a later part of a success: $name",
         at => 'plain', verdict => 'success', end => 'any', same => 1,
         answer => coded($coding, $code->($big), cut => 9000, split => 4500));
}


# gzip has a header, members and a checksum

my $crc = gz($error);
my $crc_late = gz('{"list":[1,2,3]}');
my $crc_good = gz($late);

substr($_, -8, 4) = 'oops' for $crc, $crc_late, $crc_good;

wire('a success with a wrong checksum leaves as it came',
     at => \@modes, same => 1, verdict => 'success',
     answer => coded('gzip', $crc_good));

wire('that there is no code is not concluded with a wrong checksum',
     at => \@modes, same => 1, verdict => 'none', reason => 'encoding',
     answer => coded('gzip', $crc_late));

wire('an error with a wrong checksum stands',
     at => \@modes, status => 402, code => 'INSUFFICIENT_FUNDS',
     answer => coded('gzip', $crc));

wire('several members are one body',
     at => \@modes, status => 400, code => 'INVALID_PHONE_NUMBER', times => 2,
     answer => coded('gzip', join '', map { gz($_) }
                             unpack '(a5)*', $late_error));

wire('several members leave as they came',
     at => \@modes, same => 1, verdict => 'success',
     answer => coded('gzip', gz(substr $late, 0, 11) . gz('')
                             . gz(substr $late, 11), split => 3, gap => 0));

wire('a second member that is broken off',
     at => \@modes, same => 1, verdict => 'none', reason => 'truncated',
     answer => coded('gzip', gz('{"list":1') . substr(gz(',"x":2}'), 0, 12)));

wire('bytes behind a stream are ignored',
     at => \@modes, status => 402, code => 'INSUFFICIENT_FUNDS',
     answer => coded('gzip', gz($error) . "\0" x 100));

for my $stray ("\0" x 10, "\x1f", "\x1f\x8b", "\x1fx", "\x1f\x8bx", "\x1f\x8b\0\0",
               '{')
{
    my $what = unpack 'H8', $stray;

    wire("bytes behind a stream that begin no member are ignored: $what",
         at => \@modes, same => 1, verdict => 'none', reason => 'no_code',
         answer => coded('gzip', gz('{"list":[1,2,3]}') . $stray));

    wire("the same, one by one: $what",
         at => 'unbuffered', same => 1, verdict => 'none', reason => 'no_code',
         answer => coded('gzip', gz('{"list":[1,2,3]}') . $stray,
                         split => 1, gap => 0));
}

my $extra = gz($error);

substr($extra, 3, 1) = chr 0x1e;
substr($extra, 10, 0) = "\x03\x00abc" . "name.json\0" . "comment\0"
                        . pack 'v', 0;
substr($extra, 33, 2) = pack 'v', Compress::Zlib::crc32(substr $extra, 0, 33)
                                  & 0xffff;

wire('all fields of a header of gzip',
     at => \@modes, status => 402, code => 'INSUFFICIENT_FUNDS',
     answer => coded('gzip', $extra, split => 1, gap => 0));


# the field of a header that fills the window: no byte of the body was seen

my $long = gz($error);

substr($long, 3, 1) = chr 0x04;
substr($long, 10, 0) = pack('v', 8200) . 'x' x 8200;

wire('a header of gzip that is longer than the window',
     at => \@modes, same => 1, verdict => 'none', reason => 'window',
     answer => coded('gzip', $long));

wire('the same with an error status',
     at => \@modes, status => 404, code => 'NOT_FOUND', reason => 'window',
     answer => coded('gzip', $long, status => 404));


# garbage

for my $coding ('gzip', 'deflate', $brotli ? 'br' : ()) {
    for my $garbage ("\xff\xfe\xfd no $coding", $error, '<html></html>',
                     "\x1f\x8b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                     "\x78\x9c\xff\xff\xff")
    {
        my $start = unpack 'H8', $garbage;

        # by its luck the one or other is the beginning of a stream

        wire("garbage announced as $coding leaves as it came: $start",
             at => \@modes, same => 1, verdict => 'none',
             check => sub { $_[0]{headers}{'x-reason'}
                            =~ /^(?:encoding|truncated)$/ ? () : 'reason' },
             answer => coded($coding, $garbage));

        wire("garbage announced as $coding with an error status: $start",
             at => 'plain', status => 404, code => 'NOT_FOUND',
             check => sub { $_[0]{headers}{'x-reason'}
                            =~ /^(?:encoding|truncated)$/ ? () : 'reason' },
             unlike => qr/^Content-Encoding/mi,
             answer => coded($coding, $garbage, status => 404));
    }
}


# codings that are not read, and lists of them

my @lists = ((map { [$_, $_] } qw(zstd compress aes128gcm gzipx gzi br-d)),
             ['gzip, br', 'two codings'], ['gzip,gzip', 'one coding twice'],
             ['deflate, gzip', 'two others'], ['"gzip"', 'quotes'],
             ['gzip;q=1', 'a parameter'], ["gzip\x01", 'a control']);

push @lists, ['br', 'brotli in a build without it'] if !$brotli;

for (@lists) {
    my ($value, $name) = @$_;

    wire("a coding that is not read: $name", at => \@modes, same => 1,
         verdict => 'none', reason => 'encoding',
         answer => coded($value, gz($error)));

    wire("a coding that is not read, plain in fact: $name",
         at => 'plain', same => 1, verdict => 'none', reason => 'encoding',
         answer => coded($value, $error));

    wire("an error status and a coding that is not read: $name",
         at => \@modes, status => 404, code => 'NOT_FOUND',
         reason => 'encoding', unlike => qr/^Content-Encoding/mi,
         answer => coded($value, gz($error), status => 404, split => 5,
                         gap => 0));
}

for my $value ('gzip, identity', 'identity, gzip', ' gzip ', ',gzip,',
               'Identity,  gzip')
{
    wire("one coding and no other: \"$value\"", at => 'plain', status => 402,
         code => 'INSUFFICIENT_FUNDS', answer => coded($value, gz($error)));

    wire("one coding and no other, a success: \"$value\"", at => 'plain',
         same => 1, verdict => 'success',
         answer => coded($value, gz($success)));
}

for my $value ('identity', 'identity, identity', '', ',', 'utf-8', 'UTF-8',
               'utf8', 'none', '8bit', '7bit', 'binary', 'ISO-8859-1',
               'us-ascii', 'windows-1251', 'KOI8-R', 'charset=utf-8',
               'utf-8, identity', ' utf-8 ')
{
    wire("no coding at all: \"$value\"", at => \@modes, status => 402,
         code => 'INSUFFICIENT_FUNDS', unlike => qr/^Content-Encoding/mi,
         answer => coded($value, $error));

    wire("no coding at all, an error status: \"$value\"", at => 'plain',
         status => 400, code => 'INVALID_PHONE_NUMBER',
         unlike => qr/^Content-Encoding/mi,
         answer => coded($value, $late_error, status => 500));

    wire("no coding at all, a success: \"$value\"", at => \@modes, same => 1,
         verdict => 'success', answer => coded($value, $success));

    wire("no coding at all, no JSON: \"$value\"", at => 'plain', same => 1,
         reason => 'not_json', answer => coded($value, '<html>'));
}

for my $value ('utf', 'utf-8x, gzip, gzip', 'compress', 'zstd', 'xutf-8') {
    wire("a coding that is not read: \"$value\"", at => 'plain', same => 1,
         reason => 'encoding', answer => coded($value, $error));
}

wire('a charset beside a coding: the coding counts', at => \@modes,
     status => 402, code => 'INSUFFICIENT_FUNDS',
     unlike => qr/^Content-Encoding/mi,
     answer => coded('gzip, utf-8', gz($error)));

for my $pair ([ 'gzip', 'identity' ], [ 'identity', 'gzip' ]) {
    my ($first, $second) = @$pair;

    wire("two header lines of which one is a coding: $first, then $second",
         at => 'plain', status => 402, code => 'INSUFFICIENT_FUNDS',
         unlike => qr/^Content-Encoding/mi,
         answer => coded($first, gz($error),
                         headers => ["Content-Encoding: $second"]));
}

wire('two header lines of an error: neither stays',
     at => 'plain', status => 503, code => 'PROVIDER_UNAVAILABLE',
     reason => 'encoding', unlike => qr/^Content-Encoding/mi,
     answer => coded('gzip', gz(gz($error)), status => 503,
                     headers => ['Content-Encoding: gzip']));

wire('two header lines are not one coding', at => 'plain', verdict => 'none',
     end => 'any', check => sub { $_[0]{body} eq gz(gz($error)) ? () : 'body' },
     answer => coded('gzip', gz(gz($error)),
                     headers => ['Content-Encoding: gzip']));


# nginx's own gunzip and gzip stand behind the judgement

wire('gunzip for a client that takes no coding: a success',
     at => 'gunzip', same => 1, verdict => 'success', body => $big,
     unlike => qr/^Content-Encoding/mi,
     answer => coded('gzip', gz($big), framing => 'chunked'));

wire('gunzip for a client that takes no coding: a code that comes last',
     at => 'gunzip', same => 1, verdict => 'success', body => $late,
     answer => coded('gzip', gz($late), split => 4, gap => 0));

wire('gunzip for a client that takes no coding: an error',
     at => 'gunzip', status => 402, code => 'INSUFFICIENT_FUNDS',
     answer => coded('gzip', gz($error), split => 4, gap => 0));

wire('gunzip with a client that takes gzip: bytes as they came',
     at => 'gunzip', headers => ['Accept-Encoding: gzip'], same => 1,
     verdict => 'success', body => gz($big), answer => coded('gzip', gz($big)));

wire('a client without Accept-Encoding gets what the vendor sent',
     at => 'plain', same => 1, verdict => 'success', body => gz($success),
     answer => coded('gzip', gz($success)));

wire('gzip does not compress what is compressed',
     at => 'gzip', headers => ['Accept-Encoding: gzip'], same => 1,
     verdict => 'success', body => gz($success),
     answer => coded('gzip', gz($success)));

wire('gzip compresses the envelope of a compressed error',
     at => 'gzip', headers => ['Accept-Encoding: gzip'], status => 404,
     like => [qr/^Content-Encoding: gzip/m, qr/^Telephony-Code: NOT_FOUND/m],
     check => sub {
         my $copy = $_[0]{body};
         my $text = Compress::Zlib::memGunzip($copy) // '';

         return $text =~ /"code":"NOT_FOUND"/ ? () : "body $text";
     },
     answer => coded('gzip', gz('{"message":"none"}'), status => 404));


# bombs: 10 MB, of which a window is read

my $mega = 10 * 1024 * 1024;
my $tail = '","status":"invalid_did"}';
my %bombs = map { $_ => '{"a":"' . 'a' x $_ . $tail } 100_000, $mega;
my @bombs = (['gzip', \&gz], ['deflate', \&zlib],
             $brotli ? ['br', sub { br($_[0], '-w', 16) }] : ());

for (@bombs) {
    my ($coding, $code) = @$_;

    wire("10 MB of zeros leave as they came: $coding", at => \@modes,
         same => 1, verdict => 'none',
         answer => coded($coding, $code->("\0" x $mega)));

    my $cpu;

    for my $size (sort { $a <=> $b } keys %bombs) {
        my $bomb = $code->($bombs{$size});

        wire("a bomb of $size bytes leaves as it came: $coding",
             at => 'plain', same => 1, verdict => 'none', reason => 'window',
             answer => coded($coding, $bomb));

        # the larger one costs no more but for the bytes that pass

        wire("a bomb of $size bytes costs a window: $coding",
             at => 'plain', status => 503, code => 'PROVIDER_UNAVAILABLE',
             reason => 'window',
             answer => coded($coding, $bomb, status => 502),
             ask => sub {
                 my ($case, $location) = @_;
                 my $start = ticks();
                 my @answers = TelephonyWire::ask($case, $location, 100);
                 my $spent = ticks() - $start;

                 $answers[-1]{spent} = $cpu && $spent > 10 * $cpu + 30
                                      ? "$spent ticks, of the small $cpu" : '';
                 $cpu //= $spent;

                 return $answers[-1];
             },
             check => sub { $_[0]{spent} || () });
    }
}

if ($brotli) {
    wire('brotli with a window of 16 MB is not read', at => 'plain', same => 1,
         verdict => 'none', reason => 'encoding',
         answer => coded('br', br($bombs{$mega}, '-w', 24)));
}

wire('a thousand empty members', at => 'wide', status => 402,
     code => 'INSUFFICIENT_FUNDS', times => 3,
     answer => coded('gzip', gz('') x 1000 . gz($error)));


# the processor time of the worker

sub ticks {
    my ($pid) = split ' ', slurp('/proc/' . $nginx->pid . '/task/'
                                 . $nginx->pid . '/children');
    my @fields = split / /, slurp("/proc/$pid/stat") =~ s/.*\) //sr;

    return $fields[11] + $fields[12];
}

sub memory {
    my ($pid) = split ' ', slurp('/proc/' . $nginx->pid . '/task/'
                                 . $nginx->pid . '/children');

    return slurp("/proc/$pid/status") =~ /^VmHWM:\s*(\d+)/m ? $1 : 0;
}

run_wire(
    before_end => sub {

        # the largest window is 1 MB, and brotli may have one, too

        my $sanitized = ($ENV{TEST_NGINX_BINARY} // '') =~ /asan/
                        || $ENV{TEST_NGINX_USE_VALGRIND};

        SKIP: {
            Test::More::skip('memory is not that of nginx', 1) if $sanitized;
            Test::More::cmp_ok(memory(), '<', 24 * 1024,
                               'the memory of the worker stays bounded');
        }
    });
