export KUBECONFIG=/tmp/kubectl-mirrord-control-plane-3659-49fa975b152b/kubeconfig
K=$(dirname $KUBECONFIG)
export PATH=/tmp/w/r2/bin:$PATH
cd /tmp/w/r2
t() { echo "$ $*"; "$@"; echo "[rc $?]"; echo; }
m() { echo "$ kubectl mirrord $*"; kubectl-mirrord "$@"; echo "[rc $?]"; echo; }
