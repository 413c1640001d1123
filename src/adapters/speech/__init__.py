"""Speech by eSpeak NG, in a process of its own: the library is under the GPL and is never loaded into ours."""
