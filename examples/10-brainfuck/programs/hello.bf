A greeting: letters come from products
++++++++[->+++++++++>++++++++++++>++++>++++++++++++++>+<<<<<]  cells of 72 96 32 112 and 8
>.                                            H
>+++++.                                       e
>>----.                                       l
.                                             l
+++.                                          o
<++++++++++++.                                comma
------------.                                 space
>++++++++.                                    w
--------.                                     o
+++.                                          r
------.                                       l
<<-.                                          d
>+.                                           mark
>>++.                                         end of line
