TCP stream 0: the client is 192.168.78.128:40000, the server
192.168.78.130:2333.

Nothing went wrong.

The client opened with the SYN in frame 1. The server's SYN-ACK in frame 2 came
10 ms later, and the client's ACK in frame 3 completed the three-way handshake
after 10 ms more.

The client sent 6 bytes of data and the server 6 bytes.

The client closed first, with its FIN in frame 8. The server had nothing left to
send: its own FIN in frame 9 acknowledged the first one too, so that three
segments were enough. The ACK in frame 10 was the last step. The client waits in
TIME_WAIT. From frame 1 to frame 10 it took 90 ms.
