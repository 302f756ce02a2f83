The triangle of Sierpinski: rows of Pascal modulo 2
Columns are four cells each: there is a column   its bit   t   u
Before them: 0 rows   4 and 5 always zero
++++++++[->>>>>>++++<<<<<<]                   32 columns to make
>>>>>>[->>+<<<<<<<<+>>>>>>]                   as many rows
>>[-[->>>>+<<<<]+>>>>]                        a counter goes right and leaves columns
<<<<[<<<<]                                    back to the left end
>>>>>+                                        the first bit
<<<<<<<<<[                                    each row
  ->>>>>>>>
  [                                           each column
    >[->+>+<<]>[-<+>]                         its bit
    +>[                                       star
      <->-++++++++++++++++++++++++++++++++++++++++++.[-]
    ]
    <[                                        space
      ->++++++++++++++++++++++++++++++++.[-]
    <]
    >>
  ]                                           at the right end
  >++++++++++.[-]<                            the line ends
  <<<<[                                       each column from the right
    <<<[->+>>>>+<<<<<]>[-<+>]                 the bit of the column to the left
    >>>>[                                     if it is set
      ->+
      <<[[-]                                  then 1 becomes 0
        >>-
      <<]
      >>[-<<+>>]                              and 0 becomes 1
    <]
    <<<<<<
  ]                                           at the left end
<<<<]
