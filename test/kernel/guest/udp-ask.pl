#!/usr/bin/perl
# usage: udp-ask.pl ADDRESS PORT COUNT
# Sends COUNT datagrams, each from a port of its own, and prints each answer on a line; "no answer" after one second.
use strict;
use warnings;
use Socket;

my ($address, $port, $count) = @ARGV;
my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
my $octets = Socket::inet_pton($family, $address) or die "$address: not an address\n";
my $where = $family == AF_INET6 ? pack_sockaddr_in6($port, $octets) : pack_sockaddr_in($port, $octets);
$| = 1;
for my $number (1 .. $count) {
  socket(my $socket, $family, SOCK_DGRAM, 0) or die "socket: $!\n";
  # Connected: an answer from any other address than the one asked does not count.
  connect($socket, $where) && send($socket, "question $number", 0) or die "send to $address: $!\n";
  vec(my $readable = "", fileno $socket, 1) = 1;
  my $answered = select($readable, undef, undef, 1) > 0 && defined recv($socket, my $answer, 2048, 0);
  print $answered ? "$answer\n" : "no answer\n";
}
