package TelephonySchema;

# catalogs/envelope.schema.json, and what it objects to in an envelope.

use strict;
use warnings;

use Cwd ();
use File::Basename ();
use JSON::PP ();
use JSON::Validator;

my $root = Cwd::abs_path(File::Basename::dirname(__FILE__) . '/../..');
my ($schema, $validator, %codes, %categories);

# The schema as a data structure.

sub schema {
    return $schema //= do {
        local $/;

        open my $in, '<', "$root/catalogs/envelope.schema.json"
            or die "envelope.schema.json: $!\n";

        JSON::PP->new->utf8->decode(<$in>);
    };
}

# A list of texts: what is wrong with a decoded envelope.  A code or a category
# that a test itself defines is as good as a shipped one.

sub problems {
    my ($json) = @_;

    $validator //= JSON::Validator->new->schema(schema());

    if (!%codes) {
        my $defs = schema()->{'$defs'};

        %codes = map { $_ => 1 } @{ $defs->{code}{anyOf}[0]{enum} };
        %categories = map { $_ => 1 } @{ $defs->{category}{enum} };
    }

    my %given = %$json;

    for ([ code => \%codes ], [ category => \%categories ]) {
        my ($member, $shipped) = @$_;
        my $word = $given{$member} // '';

        if (!$shipped->{$word} && $word =~ /^[A-Z][A-Z0-9_]*$/) {
            $given{$member} = 'UNKNOWN';
        }
    }

    return map { 'schema: ' . $_->path . ' ' . $_->message }
           $validator->validate(\%given);
}

1;
