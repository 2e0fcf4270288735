"""Cases of any procedure: begin one, the register, and the page of one."""
