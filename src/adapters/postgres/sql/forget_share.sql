DELETE FROM moment.shares WHERE digest = $1
