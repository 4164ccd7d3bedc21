#!/usr/bin/perl
# usage: tcp-answer.pl ADDRESS PORT FILE
# Answers every connection with what the file says then: all at once, or, if there is a FILE.slow, with that, an octet every 0.4 s. An
# answer of HTTP waits for the request. One process: a fork takes long in a guest.
use strict;
use warnings;
use IO::Socket::INET;
use Time::HiRes qw(time);

my ($address, $port, $file) = @ARGV;
$SIG{PIPE} = "IGNORE";
my $listener = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Listen => 64, ReuseAddr => 1)
  or die "$address:$port: $!\n";
my %answers;
while (1) {
  my $wanted = "";
  vec($wanted, fileno $_, 1) = 1 for $listener, map { $_->{socket} } grep { $_->{waits} } values %answers;
  select(my $readable = $wanted, undef, undef, 0.1);
  if (vec($readable, fileno $listener, 1)) {
    my $socket = $listener->accept or next;
    my $slow = -e "$file.slow";
    open(my $text, "<", $slow ? "$file.slow" : $file) or die "$file: $!\n";
    my $left = do { local $/; <$text> };
    $answers{$socket} = { socket => $socket, left => $left, slow => $slow, waits => $left =~ /^HTTP/, at => time };
  }
  for my $answer (values %answers) {
    my $socket = $answer->{socket};
    if ($answer->{waits}) {
      next unless vec($readable, fileno $socket, 1);
      $answer->{waits} = 0;
      $answer->{left} = "" unless sysread($socket, my $request, 4096);
    }
    next if $answer->{at} > time;
    my $part = substr($answer->{left}, 0, $answer->{slow} ? 1 : length $answer->{left}, "");
    my $written = $part eq "" || syswrite($socket, $part);
    $answer->{at} = time + 0.4;
    delete $answers{$socket} if !$written || $answer->{left} eq "";
  }
}
