#!/usr/bin/perl
# usage: udp-echo.pl NAME PORT ADDRESS...
# Answers every datagram with "NAME: what it said". One socket per address: with a wildcard one the kernel would choose
# the source of the answer, and a client of a DR service needs it to be the VIP.
use strict;
use warnings;
use Socket;

my ($name, $port, @addresses) = @ARGV;
my @sockets = map { listen_on($_) } @addresses;
my $wanted = "";
vec($wanted, fileno $_, 1) = 1 for @sockets;
while (1) {
  select(my $readable = $wanted, undef, undef, undef);
  for my $socket (grep { vec($readable, fileno $_, 1) } @sockets) {
    my $from = recv($socket, my $said, 2048, MSG_DONTWAIT);
    send($socket, "$name: $said", 0, $from) if defined $from;
  }
}

sub listen_on {
  my $address = shift;
  my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
  my $octets = Socket::inet_pton($family, $address) or die "$address: not an address\n";
  my $where = $family == AF_INET6 ? pack_sockaddr_in6($port, $octets) : pack_sockaddr_in($port, $octets);
  socket(my $socket, $family, SOCK_DGRAM, 0) or die "socket: $!\n";
  bind($socket, $where) or die "bind $address: $!\n";
  return $socket;
}
