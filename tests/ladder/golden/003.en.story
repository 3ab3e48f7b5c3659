TCP stream 0: the client is 127.0.0.1:48448, the server 127.0.0.1:7899.

Nothing went wrong.

The client opened with the SYN in frame 1. The server's SYN-ACK in frame 2 came
20 µs later, and the client's ACK in frame 3 completed the three-way handshake
after 20 µs more.

No data was sent.

Neither end had closed when the capture ended. From frame 1 to frame 3 it took
40 µs.
