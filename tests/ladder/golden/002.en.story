TCP stream 0: the client is 127.0.0.1:60534, the server 127.0.0.1:6888.

Nothing went wrong.

The client opened with the SYN in frame 1. The server's SYN-ACK in frame 2 came
117 µs later, and the client's ACK in frame 3 completed the three-way handshake
after 11 µs more.

The client sent 6 bytes of data and the server 6 bytes. They took turns: 4 runs
of data in one direction or the other. The longest silence, 10 min 21 s, came
before frame 11.

The client closed first, with its FIN in frame 11. The server had nothing left
to send: its own FIN in frame 12 acknowledged the first one too, so that three
segments were enough. The ACK in frame 13 was the last step. The client waits in
TIME_WAIT. From frame 1 to frame 13 it took 10 min 24 s.
