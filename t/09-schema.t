# The JSON Schema of the envelope: it says what the catalogs say, takes a real
# envelope, and objects to what no envelope may be.  Every envelope of the
# other files is held against it, too.

use strict;
use warnings;

use lib 't/lib';
use TelephonySchema;
use TelephonyTest ();

use Test::More;

my $defs = TelephonySchema::schema()->{'$defs'};
my $codes = TelephonyTest::slurp("$ENV{TEST_NGINX_CATALOGS}/codes.conf");

my (@codes, %categories);

while ($codes =~ /^    ([A-Z]\w+) +\d{3} +([A-Z_]+|-) +(?:no|yes|safe) /mg) {
    push @codes, $1 if $1 ne 'OK';
    $categories{$2} = 1 if $2 ne '-';
}

is_deeply([ sort @{ $defs->{code}{anyOf}[0]{enum} } ], [ sort @codes ],
          'its codes are those of codes.conf, all but OK');
is_deeply([ sort @{ $defs->{category}{enum} } ], [ sort keys %categories ],
          'its categories are those of codes.conf');

my $good = {
    type      => 'https://errors.example.com/invalid-parameter',
    title     => 'Invalid parameter',
    status    => 400,
    detail    => 'The number is wrong.',
    instance  => 'urn:uuid:6f0c2d1e-5b3a-4c58-9e0d-1a2b3c4d5e6f',
    code      => 'INVALID_PARAMETER',
    message   => 'The number is wrong.',
    category  => 'INVALID_ARGUMENT',
    retryable => JSON::PP::false(),
    errors    => [ { field => 'to', detail => 'is wrong', pointer => '/to' } ],
    provider  => { name => 'acme', status => 200, code => '11',
                   message => 'to is wrong', match => 'message' },
};

is_deeply([ TelephonySchema::problems($good) ], [], 'an envelope is taken');
is_deeply([ TelephonySchema::problems({ %$good, code => 'x_mine' }) ], [],
          'so is a code of the operator');

my %bad = (
    'no code'               => { code => undef },
    'a code in small words' => { code => 'invalid' },
    'a category that is none' => { category => 'Broken' },
    'a status below 400'    => { status => 200 },
    'a status as text'      => { status => '400 Bad' },
    'an empty detail'       => { detail => '' },
    'a message too long'    => { message => 'x' x 513 },
    'no retry advice'       => { retryable => undef },
    'an unknown member'     => { extra => 1 },
    'an empty error'        => { errors => [ {} ] },
    'an unknown match'      => { provider => { name => 'a', match => 'luck' } },
    'an id that is none'    => { instance => 'urn:uuid:1' },
);

for my $what (sort keys %bad) {
    my %envelope = (%$good, %{ $bad{$what} });

    delete @envelope{ grep { !defined $envelope{$_} } keys %envelope };

    ok(TelephonySchema::problems(\%envelope), "$what is refused");
}

done_testing();
