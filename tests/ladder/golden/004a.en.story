TCP stream 0: the client is 127.0.0.1:50510, the server 127.0.0.1:6379.

Nothing went wrong.

The capture begins inside this connection: its handshake is not in it.

The client sent 14 bytes of data and the server 7 bytes.

Neither end had closed when the capture ended. From frame 1 to frame 4 it took
87 µs.
