TCP stream 0: the client is 127.0.0.1:36258, the server 127.0.0.1:8000.

Nothing went wrong.

The client opened with the SYN in frame 1. The server's SYN-ACK in frame 2 came
42 µs later, and the client's ACK in frame 3 completed the three-way handshake
after 38 µs more.

The client sent 82 bytes of data and the server 27 bytes.

The server closed first, with its FIN in frame 5. The client acknowledged it in
frame 7 and closed with its own FIN in frame 9: four segments. After the first
FIN data still went the other way: the connection was half-closed. The ACK in
frame 10 was the last step. The server waits in TIME_WAIT. From frame 1 to frame
10 it took 5.39 ms.
