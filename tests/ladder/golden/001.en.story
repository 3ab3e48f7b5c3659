TCP stream 0: the client is 127.0.0.1:50784, the server 127.0.0.1:12345.

Nothing went wrong.

The client opened with the SYN in frame 1. The server's SYN-ACK in frame 2 came
100 µs later, and the client's ACK in frame 3 completed the three-way handshake
after 100 µs more.

Only the client sent data: 14 bytes.

The client closed first, with its FIN in frame 7. The server acknowledged it in
frame 8 and closed with its own FIN in frame 9: four segments. The ACK in frame
10 was the last step. The client waits in TIME_WAIT. From frame 1 to frame 10 it
took 900 µs.
