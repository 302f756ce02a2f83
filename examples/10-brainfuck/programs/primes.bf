The primes below 256: each number is divided by all from 2 to 15
Cells: 0 n   1 how many divisors   2 count   3 divisor   4 left   5 to go   6 t   7 u   8 composite   9 seen   10 to 12 digits   13 end of line   14 room
++>>>>>>>>>>++>>>++++++++++                   begin with 2
<<<<<<<<<<<<<[                                until n wraps
  >[->>>>>+<<<<+<]>>>>>[-<<<<<+>>>>>]<<<++    divisors from 2 on
  <[                                          each divisor
    -<<[->>>>>>+<<+<<<<]>>>>>>[-<<<<<<+>>>>>>]<<<[->>>+<+<<]>>>[-<<<+>>>]  count n down and the divisor beside it
    <<[
      ->-[->+>+<<]>[-<+>]+                    is a multiple of the divisor done
      >[                                      no
        <->[-]
      ]
      <[                                      yes
        -<<<[->>>>+<<+<<]>>>>[-<<<<+>>>>]<<<[->>>+>>>>>>>+<<<<<<<<<<]>>>[-<<<+>>>]  again from the divisor on
        >+                                    this was the last one
        >>>>>>[[-]                            or was it
          <<<<<<-
        >>>>>>]
      <<<<<<<<]
    <<]
    >[-]<<+                                   next divisor
  <]
  >[-]>>>+
  >>[[-]                                      composite
    <<-
  >>]
  <<[[-]                                      prime
    >>>>>>[-<<<<<+<<<+>>>>>>>>]<<<<<[->>>>>+<<<<<]  a digit that is not zero
    <<<[[-]
      >>>>>[-]+                               ends the leading zeros
    <<<<<]
    >>>>>[-<<+<<<+>>>>>]<<[->>+<<]
    <<<[[-]
      >>>>>>>>++++++++++++++++++++++++++++++++++++++++++++++++.------------------------------------------------
    <<<<<<<<]
    >>>>>>>[-<<<<+<<<+>>>>>>>]<<<<[->>>>+<<<<]  a digit that is not zero
    <<<[[-]
      >>>>>[-]+                               ends the leading zeros
    <<<<<]
    >>>>>[-<<+<<<+>>>>>]<<[->>+<<]
    <<<[[-]
      >>>>>>>++++++++++++++++++++++++++++++++++++++++++++++++.------------------------------------------------
    <<<<<<<]
    >>>>>[-]>++++++++++++++++++++++++++++++++++++++++++++++++.------------------------------------------------  the ones are always printed
    >>>.
  <<<<<<<]
  <<<<<[->>>>>+>+<<<<<<]>>>>>[-<<<<<+>>>>>]>--------------  at most 14 divisors
  [[-]
    <<<<<<+
  >>>>>>]
  <<<<<<<+                                    next n
  >>>>>>>>>>+                                 one more
  [-<<<<+>+>>>]<<<<[->>>>+<<<<]>----------    is it ten
  <+>[                                        no
    <->[-]
  ]
  <[[-]                                       yes
    >>>>[-]                                   then it is zero and carries
    >+                                        one more
    [-<<<<<+>+>>>>]<<<<<[->>>>>+<<<<<]>----------  is it ten
    <+>[                                      no
      <->[-]
    ]
    <[[-]                                     yes
      >>>>>[-]                                then it is zero and carries
      >+                                      and of the last digit
    <<<<<<]
  ]
<<<<<<]
