# The network of the guides: nodes.sh PROGRAMS CHECKOUT [BACK-ONLY-NODE ...]. Each node is a network namespace that keeps its files to itself.
#
#   front 192.0.2.0/24:    director-1 .11, director-2 .12, web-1 .21, web-2 .22, client .100    eth0
#   back  198.51.100.0/24: the same numbers, but for the client                                 eth1
set -eu
programs=$1
checkout=$2
shift 2
back_only=" $* "

ip netns add switch
for bridge in front back; do
  ip -n switch link add $bridge type bridge
  ip -n switch link set $bridge up
done

# cable NODE DEVICE BRIDGE ADDRESS NUMBER
cable() {
  ip -n "$1" link add "$2" type veth peer name "$3-$5" netns switch
  ip -n "$1" address add "$4/24" dev "$2"
  ip -n "$1" link set "$2" up
  ip -n switch link set "$3-$5" master "$3" up
}

mkdir -p /run/nodes /etc/lbctl /etc/keepalived /var/lib/lbctl
for node in director-1:11 director-2:12 web-1:21 web-2:22 client:100; do
  name=${node%:*}
  number=${node#*:}
  ip netns add "$name"
  ip -n "$name" link set lo up
  case $back_only in
  *" $name "*) ;;
  *) cable "$name" eth0 front "192.0.2.$number" "$number" ;;
  esac
  [ "$name" = client ] || cable "$name" eth1 back "198.51.100.$number" "$number"
  pid_file=/run/nodes/$name
  # shellcheck disable=SC2016 # of the inner shell
  ip netns exec "$name" unshare --mount --uts sh -c '
    set -e
    echo $$ >"$2"
    hostname "$1"
    for own in /etc/lbctl /etc/keepalived /etc/default /var/lib/lbctl /run; do mount -t tmpfs none "$own"; done
    echo "PATH=$3:$4/bin:/usr/sbin:/usr/bin:/sbin:/bin" >/run/environment
    exec sleep infinity
  ' sh "$name" "$pid_file" "$programs" "$checkout" </dev/null >/dev/null 2>&1 &
done
for name in director-1 director-2 web-1 web-2 client; do
  until pid=$(cat "/run/nodes/$name" 2>/dev/null) && [ -e "/proc/$pid/root/run/environment" ]; do sleep 0.05; done
done
